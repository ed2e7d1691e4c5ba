//! The files that encoded content stands in.

use crate::{
    draw::Draw,
    encoding::noise,
    template::{self, Slots},
};

/// A kind of file around an encoded run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carrier {
    /// A value on one line: of a log, a script, a configuration, a program.
    Value,
    /// Nothing but the run and a line end.
    Bare,
    /// A block of lines in a script.
    Lines,
    /// A secret or a configuration of Kubernetes.
    Manifest,
    /// A dump of PostgreSQL.
    Bytea,
    /// A dump of MySQL.
    Number,
    /// The query of a URL.
    Query,
    /// A string of JSON.
    Json,
    /// A string of a program.
    Literal,
    /// A web page.
    Page,
    /// A part of a message.
    Part,
    /// Bytes that are no text.
    Binary,
    /// The command line of PowerShell.
    Command,
}

/// What stands before the run and behind it; the words in it follow from the draw.
pub(super) fn around(carrier: Carrier, draw: &mut Draw) -> (Vec<u8>, Vec<u8>) {
    const VALUES: &[(&str, &str)] = &[
        ("# «sentence»\nSTAGE=prod\nAPP_CONFIG=", "\nREGION=eu-west-1\n"),
        ("{\"name\": \"«noun»\", \"content\": \"", "\", \"size\": «num»}\n"),
        (
            "files:\n  - path: /etc/«noun»/«kebab»\n    encoding: b64\n    content: ",
            "\n    mode: \"0600\"\n",
        ),
        ("# «sentence»\nPAYLOAD = \"", "\"\n\nprint(len(PAYLOAD))\n"),
        ("#!/bin/sh\necho '", "' | decode > «kebab»\n"),
        ("«iso» INFO «noun» request «num» body=", "\n«iso» INFO «noun» done\n"),
        ("<file name=\"«kebab»\">", "</file>\n"),
    ];
    const LINES: &[(&str, &str)] =
        &[("", "\n"), ("#!/bin/sh\ncat > «noun».txt <<'EOF'\n", "\nEOF\necho «noun»\n")];
    const MANIFESTS: &[(&str, &str)] = &[
        (
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: «kebab»\ntype: Opaque\ndata:\n  «kebab»: ",
            "\n",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: «kebab»\nbinaryData:\n  «kebab»: ",
            "\n",
        ),
        ("apiVersion: v1\ndata:\n  «kebab»: \"", "\"\nkind: Secret\nmetadata:\n  name: «kebab2»\n"),
    ];
    const BYTEAS: &[(&str, &str)] = &[
        ("INSERT INTO files (id, name, content) VALUES («num», '«kebab»', '\\x", "');\n"),
        ("COPY public.files (id, name, content) FROM stdin;\n«num»\t«kebab»\t\\\\x", "\n\\.\n"),
    ];
    let choices: &[(&str, &str)] = match carrier {
        Carrier::Value => VALUES,
        Carrier::Bare => &[("", "\n")],
        Carrier::Lines => LINES,
        Carrier::Manifest => MANIFESTS,
        Carrier::Bytea => BYTEAS,
        Carrier::Number => &[("INSERT INTO `files` VALUES («num»,'«kebab»',0x", ");\n")],
        Carrier::Query => &[
            ("GET https://«host»/«noun»?id=«num»&body=", "&page=«num»\n"),
            ("id=«num»&name=«noun»&text=", "\n"),
        ],
        Carrier::Json => &[
            ("{\"name\": \"«noun»\", \"content\": \"", "\", \"size\": «num»}\n"),
            ("{\"time\":\"«iso»\",\"level\":\"info\",\"msg\":\"", "\"}\n"),
        ],
        Carrier::Literal => &[
            ("#include <stddef.h>\n\nconst char «snake»[] = \"", "\";\n"),
            ("# «sentence»\n«snake» = b'", "'\n"),
        ],
        Carrier::Page => &[("<html><body><h1>«noun»</h1>\n<pre>", "</pre></body></html>\n")],
        Carrier::Part => &[(
            "--=_«hex32»\nContent-Type: text/plain; charset=\"utf-8\"\nContent-Transfer-Encoding: quoted-printable\n\n",
            "\n--=_«hex32»--\n",
        )],
        // Text in it begins at an even place or an odd one.
        Carrier::Binary => {
            // Programs end such text with a character of value zero.
            let (before, mut after) = (noise(draw), vec![0; 4]);
            after.extend(noise(draw));
            return (before, after);
        }
        Carrier::Command => &[
            ("@echo off\r\npowershell.exe -NoProfile -EncodedCommand ", "\r\n"),
            ("powershell -nop -w hidden -enc ", "\n"),
        ],
    };
    let (open, close) = *draw.pick(choices);
    let mut render = |text| template::render(draw, text, &Slots::default(), "").text.into_bytes();
    (render(open), render(close))
}
