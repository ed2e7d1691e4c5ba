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
    JobLog,
    Heredoc,
    Patch,
}

impl Wrap {
    const ALL: [Self; 11] = [
        Self::NotebookCell,
        Self::SlackMessage,
        Self::JsonLog,
        Self::JsonLogTwice,
        Self::YamlBlock,
        Self::MarkdownFence,
        Self::HtmlPre,
        Self::Mail,
        Self::JobLog,
        Self::Heredoc,
        Self::Patch,
    ];

    /// The wraps that text of a kind may get; blocks of lines keep away from
    /// those that put something before each line.
    pub(crate) fn of(host: Host, multiline: bool) -> Vec<Self> {
        Self::ALL.into_iter().filter(|wrap| wrap.takes(host, multiline)).collect()
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
            Self::SlackMessage | Self::MarkdownFence | Self::Mail => code || config,
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
            Self::Patch => Host::Bare,
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
            Self::JobLog => "job-log",
            Self::Heredoc => "heredoc",
            Self::Patch => "patch",
        }
    }

    /// Wraps a piece of content.
    pub(crate) fn around(self, draw: &mut Draw, mut piece: Marked) -> Marked {
        piece.trim_end();
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
