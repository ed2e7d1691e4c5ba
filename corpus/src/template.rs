//! Templates: the text of a container with named places for values.
//!
//! `«name»` stands for a value, `«name|json|json»` for it sent through escapes
//! in that order (those that break lines count from the value's column), and `«?name»…«/»` for text that appears only when the value
//! is bound. A name that is not bound is asked of the vocabulary, once a
//! rendering: the same name gives the same value throughout one template.

use std::collections::BTreeMap;

use crate::{
    draw::Draw,
    escape::Escape,
    label::Role,
    marked::{Mark, Marked, last_column},
    vocabulary,
};

/// The label that a bound value carries.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) detector: &'static str,
    pub(crate) role: Role,
    pub(crate) severity_hint: Option<&'static str>,
}

/// A value, and the labels it has.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) value: String,
    pub(crate) claims: Vec<Claim>,
}

/// The values bound for one rendering.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slots(BTreeMap<String, Slot>);

impl Slots {
    /// Binds a value without a label.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.into(), Slot { value: value.into(), claims: Vec::new() });
    }

    /// Binds a value that a detector must find.
    pub(crate) fn plant(&mut self, name: &str, detector: &'static str, value: impl Into<String>) {
        self.claim(name, detector, Role::Plant, None, value);
    }

    /// Binds a value that a detector may find.
    pub(crate) fn permit(&mut self, name: &str, detector: &'static str, value: impl Into<String>) {
        self.claim(name, detector, Role::Permitted, None, value);
    }

    /// Binds a labelled value.
    pub(crate) fn claim(
        &mut self,
        name: &str,
        detector: &'static str,
        role: Role,
        severity_hint: Option<&'static str>,
        value: impl Into<String>,
    ) {
        let claims = vec![Claim { detector, role, severity_hint }];
        self.0.insert(name.into(), Slot { value: value.into(), claims });
    }

    /// Permits findings of more detectors inside a bound value.
    pub(crate) fn permit_inside(&mut self, name: &str, detectors: &[&'static str]) {
        if let Some(slot) = self.0.get_mut(name) {
            slot.claims.extend(detectors.iter().map(|detector| Claim {
                detector,
                role: Role::Permitted,
                severity_hint: None,
            }));
        }
    }
}

/// Renders a template, drawing what is not bound from the vocabulary.
pub(crate) fn render(draw: &mut Draw, text: &str, slots: &Slots, container: &str) -> Marked {
    let mut drawn = BTreeMap::new();
    let mut out = Marked::default();
    let mut rest = text;
    let mut silent = false;
    while let Some((before, after)) = rest.split_once('«') {
        let (name, next) = after.split_once('»').unwrap_or((after, ""));
        if !silent {
            out.push(before);
        }
        rest = next;
        if name == "/" {
            silent = false;
        } else if let Some(condition) = name.strip_prefix('?') {
            silent = !slots.0.contains_key(condition);
        } else if let Some(condition) = name.strip_prefix('!') {
            silent = slots.0.contains_key(condition);
        } else if !silent {
            let column = last_column(&out.text);
            out.append(value(draw, name, slots, &mut drawn, container, column));
        }
    }
    if !silent {
        out.push(rest);
    }
    out
}

fn value(
    draw: &mut Draw,
    call: &str,
    slots: &Slots,
    drawn: &mut BTreeMap<String, String>,
    container: &str,
    column: usize,
) -> Marked {
    let mut parts = call.split('|');
    let name = parts.next().unwrap_or_default();
    let mut marked = match slots.0.get(name) {
        Some(slot) => {
            let mut marked = Marked::plain(slot.value.clone());
            marked.marks.extend(slot.claims.iter().map(|claim| Mark {
                range: 0..slot.value.len(),
                detector: claim.detector,
                role: claim.role,
                severity_hint: claim.severity_hint,
                container: container.into(),
                #[cfg(test)]
                value: slot.value.clone(),
                escapes: Vec::new(),
            }));
            marked
        }
        None => {
            let value = drawn.entry(name.into()).or_insert_with(|| vocabulary::word(draw, name));
            Marked::plain(value.clone())
        }
    };
    for name in parts {
        match Escape::named(name) {
            Some(escape) => marked = marked.escaped_at(&escape, column),
            None => debug_assert!(false, "no escape is named {name}"),
        }
    }
    marked
}
