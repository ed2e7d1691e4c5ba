//! Text that stands inside another kind of file: a session pasted into a chat,
//! a script in a manifest, a configuration in a job's log.

use crate::{
    draw::Draw,
    escape::Escape,
    host::Host,
    marked::Marked,
    template::{self, Slots},
};

/// A way for one kind of text to stand inside another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrap {
    NotebookCell,
    SlackMessage,
    JsonLog,
    JsonLogTwice,
    YamlBlock,
    MarkdownFence,
    HtmlPre,
    Mail,
    /// A whole mail in quoted-printable, its lines broken by soft breaks.
    QuotedPrintableMail,
    JobLog,
    Heredoc,
    Patch,
}

impl Wrap {
    const ALL: [Self; 12] = [
        Self::NotebookCell,
        Self::SlackMessage,
        Self::JsonLog,
        Self::JsonLogTwice,
        Self::YamlBlock,
        Self::MarkdownFence,
        Self::HtmlPre,
        Self::Mail,
        Self::QuotedPrintableMail,
        Self::JobLog,
        Self::Heredoc,
        Self::Patch,
    ];

    /// The wraps that text of a kind may get; blocks of lines keep away from
    /// those that put something before each line, and some only come to who
    /// asks for them.
    pub(crate) fn of(host: Host, multiline: bool, asked: &[Self]) -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|wrap| !wrap.must_be_asked() || asked.contains(wrap))
            .filter(|wrap| wrap.takes(host, multiline))
            .collect()
    }

    /// Whether only the families that name it get it: not every detector is
    /// meant to find its values through this.
    fn must_be_asked(self) -> bool {
        self == Self::QuotedPrintableMail
    }

    fn takes(self, host: Host, multiline: bool) -> bool {
        use Host::{
            CSharp, Cpp, Dockerfile, Env, Go, History, Ini, Java, JavaScript, Kotlin, Php,
            Properties, Python, Ruby, Rust, Shell, Terraform, Toml, TypeScript, Yaml,
        };
        let code = matches!(
            host,
            Python
                | JavaScript
                | TypeScript
                | Go
                | Java
                | Kotlin
                | CSharp
                | Ruby
                | Php
                | Rust
                | Cpp
        );
        let config = matches!(host, Env | Ini | Shell | Properties | Toml | Yaml | Terraform);
        match self {
            Self::NotebookCell => host == Python && !multiline,
            Self::SlackMessage | Self::MarkdownFence | Self::Mail | Self::QuotedPrintableMail => {
                code || config
            }
            Self::JsonLog | Self::JsonLogTwice => config || matches!(host, Dockerfile | History),
            Self::YamlBlock | Self::Heredoc => matches!(host, Env | Ini | Shell | Properties),
            Self::HtmlPre => code || config,
            Self::JobLog => !multiline && matches!(host, Env | Ini | Shell | Dockerfile | History),
            Self::Patch => !multiline && (code || config),
        }
    }

    /// The kind of file that the wrapped text belongs to.
    pub(crate) fn host(self) -> Host {
        match self {
            Self::NotebookCell => Host::Notebook,
            Self::SlackMessage => Host::Slack,
            Self::JsonLog | Self::JsonLogTwice => Host::JsonLog,
            Self::YamlBlock => Host::Yaml,
            Self::MarkdownFence => Host::Markdown,
            Self::HtmlPre => Host::Html,
            Self::Mail => Host::Mail,
            Self::JobLog => Host::Log,
            Self::Heredoc => Host::Terraform,
            Self::QuotedPrintableMail | Self::Patch => Host::Bare,
        }
    }

    /// The name of its file, where it is a file of its own.
    pub(crate) fn path(self) -> Option<&'static str> {
        match self {
            Self::QuotedPrintableMail => Some("mail/«user»/«num».eml"),
            Self::Patch => Some("patches/«num»-«kebab».patch"),
            _ => None,
        }
    }

    /// The name it adds to that of a container.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NotebookCell => "notebook-cell",
            Self::SlackMessage => "slack-message",
            Self::JsonLog => "json-log",
            Self::JsonLogTwice => "json-log-twice",
            Self::YamlBlock => "yaml-block",
            Self::MarkdownFence => "markdown-fence",
            Self::HtmlPre => "html-pre",
            Self::Mail => "mail",
            Self::QuotedPrintableMail => "mail-quoted-printable",
            Self::JobLog => "job-log",
            Self::Heredoc => "heredoc",
            Self::Patch => "patch",
        }
    }

    /// Wraps a piece of content.
    pub(crate) fn around(self, draw: &mut Draw, mut piece: Marked) -> Marked {
        piece.trim_end();
        if self == Self::QuotedPrintableMail {
            piece = letter(draw, piece);
        }
        let (open, escapes, close) = match self {
            Self::NotebookCell => (
                "{\n \"cell_type\": \"code\",\n \"execution_count\": «small»,\n \"metadata\": {},\n \"outputs\": [],\n \"source\": [\n    \"",
                vec![Escape::Notebook],
                "\"\n ]\n},\n",
            ),
            Self::SlackMessage => (
                "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"```",
                vec![Escape::Json],
                "```\",\n    \"ts\": \"«epoch».002200\"\n},\n",
            ),
            Self::JsonLog => (
                "{\"time\":\"«iso»\",\"level\":\"«level»\",\"msg\":\"",
                vec![Escape::Json],
                "\",\"request_id\":\"«uuid»\"}",
            ),
            Self::JsonLogTwice => (
                "{\"time\":\"«iso»\",\"log\":\"{\\\"file\\\":\\\"«kebab»\\\",\\\"content\\\":\\\"",
                vec![Escape::Json, Escape::Json],
                "\\\"}\",\"stream\":\"stdout\"}",
            ),
            Self::YamlBlock => (
                "«snake»«num»:\n  content: |\n    ",
                vec![Escape::Prefix("    ".into())],
                "\n  mode: \"0600\"\n",
            ),
            Self::MarkdownFence => ("```\n", vec![], "\n```\n"),
            Self::HtmlPre => ("<pre><code>", vec![Escape::Xml], "</code></pre>\n"),
            Self::Mail => ("On «date» «name» wrote:\n\n", vec![], "\n\n«sentence».\n"),
            Self::QuotedPrintableMail => (QUOTED_PRINTABLE, vec![Escape::QuotedPrintable], "\n"),
            Self::JobLog => {
                let stamp = template::render(draw, "«iso» ", &Slots::default(), "").text;
                ("«iso» + cat «noun»\n«iso» ", vec![Escape::Prefix(stamp)], "")
            }
            Self::Heredoc => (
                "resource \"aws_launch_template\" \"«snake»_«num»\" {\n  user_data = <<-EOT\n    ",
                vec![Escape::Prefix("    ".into())],
                "\n  EOT\n}\n",
            ),
            Self::Patch => (
                "diff --git a/«noun» b/«noun»\nindex 83db48f..«small»f3a2bc 100644\n--- a/«noun»\n+++ b/«noun»\n@@ -«small»,2 +«small»,6 @@\n # «sentence»\n+",
                vec![Escape::Prefix("+".into())],
                "\n # «sentence2»\n",
            ),
        };
        let slots = Slots::default();
        let mut out = template::render(draw, open, &slots, "");
        for escape in &escapes {
            piece = piece.escaped(escape);
        }
        piece.name_container("", &format!("+{}", self.name()));
        out.append(piece);
        out.append(template::render(draw, close, &slots, ""));
        out
    }
}

/// The header of a mail in quoted-printable.
const QUOTED_PRINTABLE: &str = "From: «name» <«email»>\nTo: «name2» <«email2»>\nSubject: «sentence»\nDate: Tue, 4 Mar 2025 «time» +0000\nMessage-ID: <«hex32»@«domain»>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=\"utf-8\"\nContent-Transfer-Encoding: quoted-printable\n\n";

/// Puts words before and after a piece, which share its encoding: soft breaks
/// are in the prose of a mail as well.
fn letter(draw: &mut Draw, piece: Marked) -> Marked {
    let slots = Slots::default();
    let open =
        "Hi,\n\n«sentence» – «sentence2», but «sentence3», see https://«host»/«noun»?id=«num»:\n\n";
    let mut out = template::render(draw, open, &slots, "");
    out.append(piece);
    out.append(template::render(draw, "\n\n«sentence».\n\nBest,\n«name»", &slots, ""));
    out
}
