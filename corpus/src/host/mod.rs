//! The kinds of file that values are planted in: how each begins and ends,
//! what fills it, how it assigns a value to a name, what its files are called.

mod code;
mod data;
mod text;

pub(crate) use data::ENCODED;

use crate::{
    draw::Draw,
    marked::Marked,
    template::{self, Slots},
};

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Host {
    Ini,
    Env,
    Shell,
    PowerShell,
    Dockerfile,
    Yaml,
    Json,
    Terraform,
    Properties,
    Toml,
    Python,
    JavaScript,
    TypeScript,
    Go,
    Java,
    Kotlin,
    CSharp,
    Ruby,
    Php,
    Rust,
    Cpp,
    Xml,
    Html,
    Markdown,
    Log,
    JsonLog,
    Mail,
    Slack,
    Notebook,
    History,
    Sql,
    /// Files that hold nothing but what is planted.
    Bare,
}

impl Host {
    /// Every kind, [`Host::Bare`] included.
    pub(crate) const ALL: [Self; 32] = [
        Self::Ini,
        Self::Env,
        Self::Shell,
        Self::PowerShell,
        Self::Dockerfile,
        Self::Yaml,
        Self::Json,
        Self::Terraform,
        Self::Properties,
        Self::Toml,
        Self::Python,
        Self::JavaScript,
        Self::TypeScript,
        Self::Go,
        Self::Java,
        Self::Kotlin,
        Self::CSharp,
        Self::Ruby,
        Self::Php,
        Self::Rust,
        Self::Cpp,
        Self::Xml,
        Self::Html,
        Self::Markdown,
        Self::Log,
        Self::JsonLog,
        Self::Mail,
        Self::Slack,
        Self::Notebook,
        Self::History,
        Self::Sql,
        Self::Bare,
    ];

    /// What its files look like.
    pub(crate) fn style(self) -> &'static Style {
        match self {
            Self::Ini => &text::INI,
            Self::Env => &text::ENV,
            Self::Shell => &text::SHELL,
            Self::PowerShell => &text::POWER_SHELL,
            Self::Dockerfile => &text::DOCKERFILE,
            Self::History => &text::HISTORY,
            Self::Markdown => &text::MARKDOWN,
            Self::Log => &text::LOG,
            Self::Mail => &text::MAIL,
            Self::Properties => &text::PROPERTIES,
            Self::Sql => &text::SQL,
            Self::Bare => &text::BARE,
            Self::Yaml => &data::YAML,
            Self::Json => &data::JSON,
            Self::Terraform => &data::TERRAFORM,
            Self::Toml => &data::TOML,
            Self::Xml => &data::XML,
            Self::Html => &data::HTML,
            Self::JsonLog => &data::JSON_LOG,
            Self::Slack => &data::SLACK,
            Self::Notebook => &data::NOTEBOOK,
            Self::Python => &code::PYTHON,
            Self::JavaScript => &code::JAVA_SCRIPT,
            Self::TypeScript => &code::TYPE_SCRIPT,
            Self::Go => &code::GO,
            Self::Java => &code::JAVA,
            Self::Kotlin => &code::KOTLIN,
            Self::CSharp => &code::C_SHARP,
            Self::Ruby => &code::RUBY,
            Self::Php => &code::PHP,
            Self::Rust => &code::RUST,
            Self::Cpp => &code::CPP,
        }
    }

    /// A piece of ordinary content.
    pub(crate) fn filler(self, draw: &mut Draw) -> Marked {
        let text = *draw.pick(self.style().filler);
        let mut piece = template::render(draw, text, &Slots::default(), "");
        piece.trim_end();
        piece
    }
}

/// The look of a kind of file. Texts are templates.
pub(crate) struct Style {
    /// The short name used in the names of containers.
    pub(crate) name: &'static str,
    /// Names of files, with their directories.
    pub(crate) paths: &'static [&'static str],
    pub(crate) head: &'static str,
    pub(crate) tail: &'static str,
    /// Between two pieces of content.
    pub(crate) separator: &'static str,
    /// Spaces before every line of content.
    pub(crate) indent: usize,
    pub(crate) filler: &'static [&'static str],
    pub(crate) assignments: &'static [Assignment],
}

/// One way of giving values to names: `«k»` is the name, `«v»` the value.
pub(crate) struct Assignment {
    pub(crate) case: Case,
    pub(crate) open: &'static str,
    pub(crate) line: &'static str,
    pub(crate) close: &'static str,
    /// What ends a line: nothing where all stands on one.
    pub(crate) line_end: &'static str,
}

/// How a name of several words is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Snake,
    Upper,
    Camel,
    Pascal,
    Dotted,
    Kebab,
}

impl Case {
    /// Writes words, separated by spaces, as one name.
    pub(crate) fn join(self, words: &str) -> String {
        let title = |word: &str| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        };
        match self {
            Self::Snake => words.replace(' ', "_"),
            Self::Upper => words.replace(' ', "_").to_uppercase(),
            Self::Dotted => words.replace(' ', "."),
            Self::Kebab => words.replace(' ', "-"),
            Self::Pascal => words.split(' ').map(title).collect(),
            Self::Camel => {
                let pascal: String = words.split(' ').map(title).collect();
                let (first, rest) = pascal.split_at(1);
                first.to_lowercase() + rest
            }
        }
    }
}

impl Assignment {
    /// Whether a value of several lines comes out as what its reader would take.
    pub(crate) fn holds_lines(&self) -> bool {
        self.line.contains("«v|json")
            || self.line.contains("«v|slash")
            || self.line.contains("«v|nl")
    }

    /// The template that assigns the slots to the names, in order. Slots that
    /// are not bound leave no line.
    pub(crate) fn template(&self, names: &[(&str, &str)]) -> String {
        let mut out = self.open.to_owned();
        for (words, slot) in names {
            let line =
                self.line.replace("«k»", &self.case.join(words)).replace("«v", &format!("«{slot}"));
            out += &format!("«?{slot}»{line}{}«/»", self.line_end);
        }
        out + self.close
    }
}

const fn assign(case: Case, line: &'static str) -> Assignment {
    Assignment { case, open: "", line, close: "", line_end: "\n" }
}

const fn group(
    case: Case,
    open: &'static str,
    line: &'static str,
    close: &'static str,
) -> Assignment {
    Assignment { case, open, line, close, line_end: "\n" }
}

const fn inline(
    case: Case,
    open: &'static str,
    line: &'static str,
    close: &'static str,
) -> Assignment {
    Assignment { case, open, line, close, line_end: "" }
}
