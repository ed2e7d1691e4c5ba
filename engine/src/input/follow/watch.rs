//! Waiting until something changes.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use notify::event::{EventKind, ModifyKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::identity::{Key, Stat};

/// How many changed files are told apart. If there are more, everything is looked at.
const MOST: usize = 8192;

/// How many directories are watched. Beyond, everything is looked at regularly.
const MOST_DIRECTORIES: usize = 16_384;

/// What changed.
#[derive(Default)]
pub(super) struct News {
    /// Files, and whether they are others than before.
    pub(super) paths: HashMap<PathBuf, bool>,
    /// Something was not told.
    pub(super) everything: bool,
    /// Somebody wants the turn to end.
    pub(super) is_woken: bool,
}

impl News {
    fn is_empty(&self) -> bool {
        self.paths.is_empty() && !self.everything && !self.is_woken
    }

    fn take_in(&mut self, event: notify::Result<Event>) {
        let Ok(event) = event else {
            self.everything = true;
            return;
        };
        if event.need_rescan() {
            self.everything = true;
        }
        let is_another = match event.kind {
            // Our own reading, too.
            EventKind::Access(_) => return,
            EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Metadata(_)) => false,
            _ => true,
        };
        for path in event.paths {
            if self.paths.len() >= MOST {
                self.everything = true;
                return;
            }
            *self.paths.entry(path).or_default() |= is_another;
        }
    }
}

/// Where news arrive.
#[derive(Default)]
struct Inbox {
    news: Mutex<News>,
    bell: Condvar,
}

impl Inbox {
    fn open(&self) -> MutexGuard<'_, News> {
        // Nothing can be half done in it.
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the waiting of a [`Follower`](super::Follower) from anywhere.
#[derive(Clone)]
pub struct Waker {
    inbox: Arc<Inbox>,
}

impl Waker {
    /// Lets [`Follower::turn`](super::Follower::turn) return at once, or the next one if
    /// none is under way.
    pub fn wake(&self) {
        self.inbox.open().is_woken = true;
        self.inbox.bell.notify_all();
    }
}

impl std::fmt::Debug for Waker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waker").finish_non_exhaustive()
    }
}

/// Watches directories.
pub(super) struct Watch {
    inbox: Arc<Inbox>,
    watcher: Option<RecommendedWatcher>,
    watched: HashMap<PathBuf, Key>,
    is_complete: bool,
}

impl Watch {
    pub(super) fn new(asks_system: bool) -> Self {
        let inbox = Arc::<Inbox>::default();
        let handler = {
            let inbox = Arc::clone(&inbox);
            move |event: notify::Result<Event>| {
                let mut news = inbox.open();
                news.take_in(event);
                if !news.is_empty() {
                    drop(news);
                    inbox.bell.notify_all();
                }
            }
        };
        let watcher = asks_system.then(|| notify::recommended_watcher(handler).ok()).flatten();
        let is_complete = watcher.is_some();
        Self { inbox, watcher, watched: HashMap::new(), is_complete }
    }

    pub(super) fn waker(&self) -> Waker {
        Waker { inbox: Arc::clone(&self.inbox) }
    }

    /// Whether the system tells of all changes, as far as it says itself.
    pub(super) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Watches these directories, and no others. A directory that took another's place is
    /// watched anew. Returns whether one is watched that was not.
    pub(super) fn watch(&mut self, directories: &HashSet<PathBuf>) -> bool {
        let Some(watcher) = &mut self.watcher else { return false };
        self.watched.retain(|path, _| {
            let is_wanted = directories.contains(path);
            if !is_wanted {
                // It may be gone.
                let _ = watcher.unwatch(path);
            }
            is_wanted
        });
        let (mut is_complete, mut has_new) = (true, false);
        for path in directories {
            let Some(key) = key_of(path) else { continue };
            if self.watched.get(path) == Some(&key) {
                continue;
            }
            if self.watched.remove(path).is_some() {
                let _ = watcher.unwatch(path);
            }
            if self.watched.len() < MOST_DIRECTORIES
                && watcher.watch(path, RecursiveMode::NonRecursive).is_ok()
            {
                self.watched.insert(path.clone(), key);
                has_new = true;
            } else {
                is_complete = false;
            }
        }
        self.is_complete = is_complete;
        has_new
    }

    /// A directory was deleted or moved, and its watch with it.
    pub(super) fn forget(&mut self, path: &Path) {
        if self.watched.remove(path).is_some()
            && let Some(watcher) = &mut self.watcher
        {
            let _ = watcher.unwatch(path);
        }
    }

    /// Waits until there is news, or time is up.
    pub(super) fn wait(&self, most: Duration) -> News {
        let news = self.inbox.open();
        let (mut news, _) = self
            .inbox
            .bell
            .wait_timeout_while(news, most, |news| news.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut news)
    }
}

fn key_of(path: &Path) -> Option<Key> {
    std::fs::metadata(path).ok().map(|metadata| Stat::of(&metadata).key)
}
