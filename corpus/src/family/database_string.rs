//! Connection strings of keys and values, JDBC URLs and JAAS configurations.

use super::{Family, Maker, Mixing, Names, Template, t};
use crate::{host::Host, template::Slots, value::connection, wrap::Wrap};

pub(super) const FAMILIES: &[&Family] = &[&STRING, &JDBC, &JAAS];

/// Containers of a string that may hold quotes and backslashes.
const TEMPLATES: &[Template] = &[
    t(Host::CSharp, "variable", "var «camel»Connection = \"«string|json»\";\n"),
    t(Host::Java, "string", "String «camel» = \"«string|json»\";\n"),
    t(Host::Kotlin, "value", "val «camel» = \"«string|json»\"\n"),
    t(Host::Go, "open", "db, err := sql.Open(\"«noun»\", \"«string|json»\")\n"),
    t(Host::Go, "raw", "const «camel» = `«string»`\n"),
    t(Host::Python, "connect", "conn = connect(\"«string|json»\")\n"),
    t(Host::TypeScript, "const", "const «camel» = \"«string|json»\";\n"),
    t(
        Host::Json,
        "settings",
        "\"ConnectionStrings«num»\": {\n  \"«Pascal»\": \"«string|json»\"\n},\n",
    ),
    t(Host::Json, "slashes", "\"«camel»«num»\": \"«string|slash»\",\n"),
    t(Host::Json, "unicode", "\"«camel»«num»\": \"«string|uni»\",\n"),
    t(
        Host::Xml,
        "connection-strings",
        "<add name=\"«Pascal»\" connectionString=\"«string|xml»\" />\n",
    ),
    t(Host::Xml, "property", "<property name=\"url\" value=\"«string|xml»\"/>\n"),
    t(Host::Xml, "element", "<«camel»>«string|xml»</«camel»>\n"),
    t(Host::Yaml, "quoted", "«noun»«num»:\n  connection: \"«string|json»\"\n"),
    t(Host::Yaml, "plain", "«noun»«num»:\n  dsn: «string»\n"),
    t(Host::Env, "plain", "«UPPER»_DSN=«string»\n"),
    t(Host::Properties, "plain", "«noun».url=«string»\n"),
    t(Host::Properties, "escaped", "«noun».connection=«string|prop»\n"),
    t(Host::Log, "line", "«iso» «level» opened \"«string»\" in «ms» ms"),
    t(Host::Log, "open", "«iso» «level» cannot open: «string»"),
    t(Host::JsonLog, "field", "{\"time\":\"«iso»\",\"dsn\":\"«string|json»\"}"),
    t(
        Host::JsonLog,
        "nested",
        "{\"time\":\"«iso»\",\"msg\":\"{\\\"connection\\\":\\\"«string|json|json»\\\"}\"}",
    ),
    t(Host::Mail, "plain", "The connection string is\n\n«string»\n"),
    t(Host::Mail, "quoted-printable", "connection:=20«string|qp»\n"),
    t(Host::Markdown, "code", "* `«string»`\n"),
    t(Host::Html, "pre", "<pre>«string|xml»</pre>\n"),
    t(
        Host::Slack,
        "message",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"it is `«string|xml|json»`\",\n    \"ts\": \"«epoch».000920\"\n},\n",
    ),
    t(Host::Ini, "dsn", "[«noun»-«num»]\nconnection = «string»\n"),
    t(Host::Rust, "string", "let «snake» = \"«string|json»\";\n"),
    t(Host::Terraform, "setting", "dsn_«num» = \"«string|json»\"\n"),
    t(Host::Toml, "string", "«snake»_«num» = \"«string|json»\"\n"),
];

/// Those of a string that is percent-encoded in a URL.
const ENCODED: &[Template] = &[
    t(
        Host::Python,
        "odbc-connect",
        "engine = create_engine(\"mssql+pyodbc:///?odbc_connect=«odbc|pct»\")\n",
    ),
    t(Host::Env, "odbc-connect", "«UPPER»_URL=mssql+pyodbc:///?odbc_connect=«odbc|pct»\n"),
];

const NAMES: &[Names] = &[
    &[("connection string", "simple")],
    &[("database dsn", "simple")],
    &[("db connection", "simple")],
];

pub(super) static STRING: Family = Family {
    detector: "database-connection-string",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[Wrap::QuotedPrintableMail],
    templates: &concat(),
    names: NAMES,
    bind: |maker: &mut Maker, slots: &mut Slots| {
        let draw = &mut maker.draw;
        // What is put behind a name stands in quotes of any kind, unescaped.
        for (slot, quoted) in [("string", true), ("simple", false)] {
            let string = match draw.below(9) {
                0..=3 => connection::semicolons(draw, quoted),
                4 | 5 => connection::words(draw, quoted),
                6 => connection::commas(draw),
                7 => connection::go_mysql(draw),
                _ => connection::easy_connect(draw, quoted),
            };
            slots.plant(slot, "database-connection-string", string);
        }
        let odbc = connection::semicolons(draw, true);
        slots.plant("odbc", "database-connection-string", odbc);
        // It stands in a URI.
        slots.permit_inside("odbc", &["database-uri"]);
    },
};

/// All containers of the family.
const fn concat() -> [Template; TEMPLATES.len() + ENCODED.len()] {
    let mut all = [const { t(Host::Bare, "", "") }; TEMPLATES.len() + ENCODED.len()];
    let mut i = 0;
    while i < all.len() {
        let from = if i < TEMPLATES.len() { &TEMPLATES[i] } else { &ENCODED[i - TEMPLATES.len()] };
        all[i] = Template { host: from.host, name: from.name, path: from.path, text: from.text };
        i += 1;
    }
    all
}

pub(super) static JDBC: Family = Family {
    detector: "jdbc-url",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[Wrap::QuotedPrintableMail],
    templates: TEMPLATES,
    names: &[
        &[("jdbc url", "string")],
        &[("spring datasource url", "string")],
        &[("db url", "string")],
    ],
    bind: |maker: &mut Maker, slots: &mut Slots| {
        let url = connection::jdbc(&mut maker.draw);
        slots.plant("string", "jdbc-url", url);
    },
};

pub(super) static JAAS: Family = Family {
    detector: "kafka-jaas",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[Wrap::QuotedPrintableMail],
    templates: TEMPLATES,
    names: &[&[("sasl jaas config", "string")], &[("kafka jaas", "string")]],
    bind: |maker: &mut Maker, slots: &mut Slots| {
        let jaas = connection::jaas(&mut maker.draw);
        slots.plant("string", "kafka-jaas", jaas);
    },
};
