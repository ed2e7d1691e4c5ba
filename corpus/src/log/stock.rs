//! The ordinary entries of a log, drawn ahead.
//!
//! An entry is a template of the vocabulary, of which times and numbers are written anew
//! each time. Nothing in it looks like a credential: ids are UUIDs and short numbers.

use std::ops::RangeInclusive;

use crate::{
    draw::Draw,
    template::{self, Slots},
};

use super::{
    Random,
    clock::{Clock, Form},
};

/// Entries that are drawn ahead.
const ENTRIES: usize = 6000;

/// What stands for what is written anew: this, a letter, and the same once more up to the
/// length. It is in no word of the vocabulary.
const HOLE: char = '\u{1}';

/// A kind of entry: how many of a hundred are of it, and its forms.
type Kind = (usize, &'static [&'static str]);

/// Entries of one line, and the first lines of those of several.
const KINDS: &[Kind] = &[
    (
        34,
        &[
            "«public_ip» - - [«access»] \"«method» «urlpath» HTTP/1.1\" «status» «id» \"-\" \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36\"",
            "«public_ip» - «name» [«access»] \"GET «urlpath»?page=«small»&sort=«noun» HTTP/2.0\" «status» «id» \"https://«host»/«noun»\" \"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148\"",
            "«ip» - - [«access»] \"GET /healthz HTTP/1.1\" 200 2 \"-\" \"kube-probe/1.31\"",
            "«public_ip» - - [«access»] \"POST «urlpath»/«verb» HTTP/1.1\" «status» «id» \"https://«host»/«noun»/«noun2»\" \"okhttp/4.12.0\" rt=0.«id» uct=0.«small» urt=0.«id»",
        ],
    ),
    (
        27,
        &[
            "{\"time\":\"«iso»\",\"level\":\"«level»\",\"service\":\"«kebab»\",\"msg\":\"«sentence»\",\"duration_ms\":«ms»,\"request_id\":\"«uid»\"}",
            "{\"@timestamp\":\"«iso»\",\"log.level\":\"«level»\",\"http\":{\"method\":\"«method»\",\"path\":\"«urlpath»\",\"status\":«status»},\"client\":{\"ip\":\"«public_ip»\"},\"trace\":{\"id\":\"«uid»\"},\"message\":\"«sentence»\"}",
            "{\"ts\":\"«iso»\",\"level\":\"«level»\",\"logger\":\"«noun».«noun2»\",\"caller\":\"«noun»/«snake».go:«small»\",\"msg\":\"«sentence»\",\"«noun3»\":«id»,\"attempt\":«small»}",
            "{\"timestamp\":\"«iso»\",\"severity\":\"«level»\",\"kubernetes\":{\"namespace_name\":\"«env»\",\"pod_name\":\"«kebab»-«small»\",\"container_name\":\"«noun»\",\"host\":\"«host»\"},\"log\":\"«sentence»; «sentence2»\",\"stream\":\"stdout\"}",
            "{\"time\":\"«iso»\",\"level\":\"INFO\",\"msg\":\"«verb» «noun»\",\"rows\":«id»,\"took_ms\":«ms»,\"region\":\"«region»\",\"worker\":\"«host»\",\"batch\":\"«uid»\"}",
        ],
    ),
    (
        15,
        &[
            "time=«iso» level=info msg=\"«sentence»\" request_id=«uid» method=«method» path=«urlpath» status=«status» duration=«ms»ms",
            "ts=«iso» caller=«noun»/«snake».go:«small» level=debug component=«kebab» msg=\"«sentence»\" «noun2»=«id» rev=«small»",
            "level=warn ts=«iso» pod=«kebab»-«small» namespace=«env» msg=\"«sentence»\" err=\"«sentence2»\" retry_in=«small»s",
        ],
    ),
    (
        14,
        &[
            "«comma» «level» [http-nio-8080-exec-«small»] com.«company».«noun».«Pascal» - «sentence»",
            "«comma» «level» [«noun»-«small»] «sentence» (id=«id», took «ms» ms)",
            "«iso» «level» «sentence» request_id=«uid» user=«name» «noun»=«id»",
            "«iso» DEBUG «snake»: «sentence», then «sentence2», «id» of «id» done",
        ],
    ),
    (
        6,
        &[
            "«syslog» «kebab»-«small» «noun»d[«small»]: «sentence»",
            "«syslog» «kebab»-«small» systemd[1]: Started «noun».service - «sentence».",
            "«syslog» «kebab»-«small» kernel: [«id».«id»] eth0: link up, «small»000 Mbps, full duplex",
        ],
    ),
    (3, &[JAVA]),
    (1, &[PYTHON]),
];

const JAVA: &str = "«comma» ERROR [http-nio-8080-exec-«small»] com.«company».«noun».«Pascal» - «sentence»\njava.lang.IllegalStateException: «sentence2»";
const PYTHON: &str = "«comma» ERROR [«kebab»] «sentence»\nTraceback (most recent call last):";

/// The lines of a stack trace, and how many there are.
const TRACES: &[(&str, &[&str], RangeInclusive<u64>, &str)] = &[
    (
        JAVA,
        &[
            "\tat com.«company».«noun».«Pascal»Service.«camel»(«Pascal»Service.java:«num»)",
            "\tat org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:«num»)",
            "\tat java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:«num»)",
            "\tat com.«company».«noun».«Pascal»$«Pascal2».lambda$«camel»$«small»(«Pascal».java:«num»)",
            "\tat org.apache.catalina.core.ApplicationFilterChain.doFilter(ApplicationFilterChain.java:«num»)",
        ],
        8..=40,
        "Caused by: java.io.IOException: «sentence»\n\t... «small» common frames omitted",
    ),
    (
        PYTHON,
        &[
            "  File \"/srv/«noun»/«snake».py\", line «num», in «snake2»\n    return self.«verb»(«noun2», «adj»=«bool»)",
            "  File \"/usr/lib/python3.12/asyncio/base_events.py\", line «num», in run_until_complete\n    return future.result()",
            "  File \"/srv/«noun»/«noun2»/__init__.py\", line «num», in «verb»\n    «noun3» = await «snake»(«small»)",
        ],
        3..=14,
        "ValueError: «sentence»",
    ),
];

/// What is written anew at a place of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hole {
    Time(Form),
    /// Six digits.
    Number,
    /// A UUID.
    Uuid,
}

impl Hole {
    const ALL: [(Self, &str, char); 6] = [
        (Self::Time(Form::Iso), "iso", 'i'),
        (Self::Time(Form::Comma), "comma", 'c'),
        (Self::Time(Form::Access), "access", 'a'),
        (Self::Time(Form::Syslog), "syslog", 's'),
        (Self::Number, "id", 'n'),
        (Self::Uuid, "uid", 'u'),
    ];

    fn length(self) -> usize {
        match self {
            Self::Time(form) => form.length(),
            Self::Number => 6,
            Self::Uuid => 36,
        }
    }

    /// What stands for it in a rendered template.
    fn stand_in(self, letter: char) -> String {
        let mut text = String::from(HOLE);
        text.push(letter);
        text.extend(std::iter::repeat_n(HOLE, self.length() - 2));
        text
    }
}

/// An entry with its last line end.
struct Entry {
    text: Vec<u8>,
    holes: Vec<(usize, Hole)>,
}

/// All entries that a log is made of.
pub(super) struct Stock(Vec<Entry>);

impl Stock {
    pub(super) fn new(draw: &mut Draw) -> Self {
        let mut slots = Slots::default();
        for (hole, name, letter) in Hole::ALL {
            slots.set(name, hole.stand_in(letter));
        }
        Self((0..ENTRIES).map(|_| Entry::new(draw, &slots)).collect())
    }

    /// Writes some entry.
    pub(super) fn write(&self, clock: &Clock, random: &mut Random, out: &mut Vec<u8>) {
        let entry = &self.0[random.below(self.0.len() as u64) as usize];
        let start = out.len();
        out.extend_from_slice(&entry.text);
        let text = &mut out[start..];
        for (at, hole) in &entry.holes {
            let place = &mut text[*at..*at + hole.length()];
            match hole {
                Hole::Time(form) => place.copy_from_slice(clock.shown(*form)),
                Hole::Number => write_number(random.next(), place),
                Hole::Uuid => write_uuid(random.next(), random.next(), place),
            }
        }
    }
}

impl Entry {
    fn new(draw: &mut Draw, slots: &Slots) -> Self {
        let mut choice = draw.below(KINDS.iter().map(|(share, _)| share).sum());
        let mut forms = KINDS[0].1;
        for (share, kind) in KINDS {
            forms = kind;
            if choice < *share {
                break;
            }
            choice -= share;
        }
        let form = draw.text(forms);
        let mut text = template::render(draw, form, slots, "").text + "\n";
        for (of, frames, count, end) in TRACES {
            if *of == form {
                for _ in 0..draw.within(count.clone()) {
                    let frame = draw.text(frames);
                    text += &template::render(draw, frame, slots, "").text;
                    text.push('\n');
                }
                text += &template::render(draw, end, slots, "").text;
                text.push('\n');
            }
        }
        Self { holes: holes(&text), text: text.into_bytes() }
    }
}

/// The holes of a rendered template.
fn holes(text: &str) -> Vec<(usize, Hole)> {
    let mut holes = Vec::new();
    let mut from = 0;
    while let Some(found) = text[from..].find(HOLE) {
        let at = from + found;
        let letter = text[at + 1..].chars().next();
        let known = Hole::ALL.into_iter().find(|(_, _, own)| Some(*own) == letter);
        let Some((hole, _, _)) = known else {
            debug_assert!(false, "the vocabulary has a stand-in");
            break;
        };
        holes.push((at, hole));
        from = at + hole.length();
    }
    holes
}

fn write_number(random: u64, place: &mut [u8]) {
    let mut rest = random % 900_000 + 100_000;
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
}

fn write_uuid(high: u64, low: u64, place: &mut [u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut bits = u128::from(high) << 64 | u128::from(low);
    for (index, digit) in place.iter_mut().enumerate() {
        *digit = match index {
            8 | 13 | 18 | 23 => b'-',
            // Version and variant.
            14 => b'4',
            19 => DIGITS[8 + (bits & 3) as usize],
            _ => DIGITS[(bits & 15) as usize],
        };
        bits >>= 4;
    }
}
