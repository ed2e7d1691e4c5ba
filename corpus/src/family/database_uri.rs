//! Connection URIs, URLs with passwords, databases that are open, and the tokens of
//! database providers.

use super::{Family, Maker, Mixing, Names, Template, t};
use crate::{host::Host, template::Slots, value::database_uri, wrap::Wrap};

/// The families of this module.
pub(super) const FAMILIES: &[&Family] = &[&DATABASE, &OTHER, &OPEN, &TOKEN];

const CONTAINERS: &[Template] = &[
    t(Host::Shell, "psql", "psql \"«value»\" -c 'select 1'\n"),
    t(Host::History, "export", "export DATABASE_URL='«value»'"),
    t(Host::History, "connect", "connect «value» --timeout «small»"),
    t(Host::Env, "bare", "«UPPER»_URL=«value»\n"),
    t(Host::Python, "engine", "engine_«num» = create_engine(\"«value»\")\n"),
    t(Host::JavaScript, "pool", "const «camel» = new Pool({ connectionString: '«value»' });\n"),
    t(Host::Go, "open", "\tdb«num», err := sql.Open(driver, \"«value»\")\n"),
    t(Host::Java, "build", "        String «camel» = \"«value»\";\n"),
    t(Host::Php, "dsn", "$«camel» = connect('«value»');\n"),
    t(Host::Ruby, "connect", "«snake» = Sequel.connect('«value»')\n"),
    t(Host::Yaml, "celery", "«noun»«num»:\n  broker_url: \"«value»\"\n"),
    t(Host::Json, "slashes", "\"«camel»«num»\": {\n  \"url\": \"«value|slash»\"\n},\n"),
    t(Host::Json, "unicode", "\"«camel»«num»\": {\n  \"url\": \"«value|uni»\"\n},\n"),
    t(Host::Log, "line", "«iso» ERROR cannot connect to «value»: timeout"),
    t(Host::Log, "query", "«iso» GET /setup?target=«value|pct»&next=1 200"),
    t(Host::Log, "nested-query", "«iso» GET /login?u=%2Fx%3Ft%3D«value|pct|pct» 302"),
    t(
        Host::JsonLog,
        "message",
        "{\"time\":\"«iso»\",\"msg\":\"dial «value»\",\"env\":{\"URL\":\"«value|uni»\"}}",
    ),
    t(
        Host::JsonLog,
        "nested",
        "{\"time\":\"«iso»\",\"msg\":\"{\\\"url\\\":\\\"«value|slash|json»\\\"}\"}",
    ),
    t(Host::Xml, "text", "<connection«num»>«value|xml»</connection«num»>\n"),
    t(Host::Html, "code", "<p>Use <code>«value|xml»</code> for now.</p>\n"),
    t(Host::Properties, "plain", "«noun».url=«value»\n"),
    t(Host::Properties, "escaped", "«noun».uri=«value|prop»\n"),
    t(Host::Markdown, "list", "* «noun»: `«value»` («sentence»)\n"),
    t(Host::Markdown, "link", "See [the «noun»](«value») for that.\n"),
    t(Host::Mail, "plain", "The new one is «value», please keep it.\n"),
    t(
        Host::Slack,
        "message",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"it is <«value|xml|slash»> now\",\n    \"ts\": \"«epoch».000700\"\n},\n",
    ),
    t(Host::Sql, "comment", "-- «sentence» «value»\n"),
    t(
        Host::Notebook,
        "cell",
        "{\n \"cell_type\": \"code\",\n \"execution_count\": «small»,\n \"metadata\": {},\n \"outputs\": [],\n \"source\": [\n  \"url = '«value»'\\n\",\n  \"connect(url)\\n\"\n ]\n},\n",
    ),
];

const NAMES: &[Names] = &[
    &[("database url", "value")],
    &[("connection uri", "value")],
    &[("primary dsn", "value")],
    &[("broker url", "value")],
];

const WRAPS: &[Wrap] = &[Wrap::QuotedPrintableMail];

static DATABASE: Family = Family {
    detector: "database-uri",
    mixing: Mixing::Free,
    multiline: false,
    wraps: WRAPS,
    templates: CONTAINERS,
    names: NAMES,
    bind: |maker: &mut Maker, slots: &mut Slots| {
        slots.plant("value", "database-uri", database_uri::database(&mut maker.draw));
    },
};

static OTHER: Family = Family {
    detector: "url-password",
    mixing: Mixing::Free,
    multiline: false,
    wraps: WRAPS,
    templates: CONTAINERS,
    names: &[&[("remote url", "value")], &[("proxy", "value")], &[("endpoint", "value")]],
    bind: |maker: &mut Maker, slots: &mut Slots| {
        slots.plant("value", "url-password", database_uri::other(&mut maker.draw));
    },
};

static OPEN: Family = Family {
    detector: "open-database",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[],
    templates: CONTAINERS,
    names: NAMES,
    bind: |maker: &mut Maker, slots: &mut Slots| {
        slots.plant("value", "open-database", database_uri::open(&mut maker.draw));
    },
};

static TOKEN: Family = Family {
    detector: "database-service-token",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[],
    templates: &[
        t(Host::History, "export", "export «UPPER»_TOKEN=«value»"),
        t(Host::Shell, "header", "curl -H 'Authorization: Bearer «value»' \"$URL\"\n"),
        t(Host::Log, "line", "«iso» DEBUG using «value» for «noun»"),
        t(Host::Markdown, "list", "* «noun»: `«value»`\n"),
        t(Host::Mail, "plain", "The password is «value», please keep it.\n"),
    ],
    names: &[&[("db password", "value")], &[("service token", "value")]],
    bind: |maker: &mut Maker, slots: &mut Slots| {
        slots.plant("value", "database-service-token", database_uri::token(&mut maker.draw));
    },
};
