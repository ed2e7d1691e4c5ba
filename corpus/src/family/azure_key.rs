//! Keys of Azure services, in connection strings and by themselves.

use super::{Family, Maker, Mixing, Template, t};
use crate::{
    host::Host,
    template::Slots,
    value::azure_key::{self, BATCH, COSMOS, EVENT_GRID, IOT, MESSAGING, SERVICE, STORAGE},
    vocabulary::{self, word},
    wrap::Wrap,
};

pub(super) const FAMILIES: &[&Family] =
    &[&ACCOUNT, &SHARED_ACCESS, &SERVICE_KEY, &ANNOTATED, &CLIENT_SECRET];

/// Containers of a whole connection string.
const STRINGS: &[Template] = &[
    t(Host::CSharp, "variable", "var «camel»Connection = \"«string|json»\";\n"),
    t(Host::CSharp, "verbatim", "const string «Pascal» = @\"«string»\";\n"),
    t(
        Host::Json,
        "settings",
        "\"ConnectionStrings«num»\": {\n  \"«Pascal»\": \"«string|json»\"\n},\n",
    ),
    t(Host::Json, "slashes", "\"«camel»«num»\": \"«string|slash»\",\n"),
    t(Host::Json, "unicode", "\"«camel»«num»\": \"«string|uni»\",\n"),
    t(Host::Xml, "app-settings", "<add key=\"«Pascal»«num»\" value=\"«string|xml»\" />\n"),
    t(
        Host::Xml,
        "connection-strings",
        "<add name=\"«Pascal»\" connectionString=\"«string|xml»\" />\n",
    ),
    t(Host::Yaml, "quoted", "«noun»«num»:\n  connectionString: \"«string|json»\"\n"),
    t(Host::Yaml, "environment", "«noun»«num»:\n  - name: «UPPER»\n    value: «string»\n"),
    t(Host::Env, "variable", "«UPPER»_CONNECTION_STRING=\"«string»\"\n"),
    t(Host::Shell, "export", "export «UPPER»_CONNECTION_STRING='«string»'\n"),
    t(
        Host::History,
        "az",
        "az webapp config appsettings set -n «kebab» --settings '«UPPER»=«string»'",
    ),
    t(Host::PowerShell, "variable", "$env:«UPPER» = '«string»'\n"),
    t(Host::Python, "client", "client = «Pascal».from_connection_string(\"«string|json»\")\n"),
    t(Host::TypeScript, "const", "const «camel» = '«string»';\n"),
    t(Host::Java, "string", "String «camel» = \"«string|json»\";\n"),
    t(Host::Properties, "escaped", "«noun».connection-string=«string|prop»\n"),
    t(Host::Dockerfile, "env", "ENV «UPPER»=\"«string»\"\n"),
    t(Host::Terraform, "setting", "app_settings_«num» = {\n  «UPPER» = \"«string|json»\"\n}\n"),
    t(Host::Log, "line", "«iso» «level» connecting with «string»"),
    t(Host::JsonLog, "field", "{\"time\":\"«iso»\",\"msg\":\"using «string|json»\"}"),
    t(
        Host::JsonLog,
        "nested",
        "{\"time\":\"«iso»\",\"msg\":\"{\\\"connection\\\":\\\"«string|json|json»\\\"}\"}",
    ),
    t(Host::Mail, "plain", "The connection string:\n\n«string»\n"),
    t(Host::Mail, "quoted-printable", "connection:=20«string|qp»\n"),
    t(Host::Markdown, "code", "* `«string»`\n"),
    t(Host::Html, "pre", "<pre>«string|xml»</pre>\n"),
    t(
        Host::Slack,
        "message",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"it is `«string|xml|json»`\",\n    \"ts\": \"«epoch».000900\"\n},\n",
    ),
    t(Host::Sql, "insert", "INSERT INTO settings (name, value) VALUES ('«snake»', '«string»');\n"),
];

/// The wraps that these families ask for.
const WRAPS: &[Wrap] = &[Wrap::QuotedPrintableMail];

/// Binds the value of the string and the key in it.
fn bind(slots: &mut Slots, detector: &'static str, string: String, key: String) {
    slots.plant("string", detector, string);
    slots.plant("key", detector, key);
}

pub(super) static ACCOUNT: Family = Family {
    detector: "azure-account-key",
    mixing: Mixing::Free,
    multiline: false,
    wraps: WRAPS,
    templates: STRINGS,
    names: &[
        &[("azure storage account", "account"), ("azure storage key", "key")],
        &[("storage account name", "account"), ("storage account key", "key")],
        &[("cosmos key", "key")],
        &[("azure storage connection string", "string")],
        &[("connection string", "string")],
    ],
    bind: |maker: &mut Maker, slots: &mut Slots| {
        let draw = &mut maker.draw;
        let account = format!("{}{}", word(draw, "noun"), word(draw, "env"));
        slots.set("account", account.clone());
        let old = draw.chance(0.25);
        let (kind, string) = match draw.below(5) {
            0 | 1 => (
                STORAGE,
                format!(
                    "DefaultEndpointsProtocol=https;AccountName={account};AccountKey=KEY;EndpointSuffix=core.windows.net"
                ),
            ),
            2 => (
                STORAGE,
                format!(
                    "BlobEndpoint=https://{account}.blob.core.windows.net/;AccountName={account};AccountKey=KEY"
                ),
            ),
            3 => (
                COSMOS,
                format!(
                    "AccountEndpoint=https://{account}.documents.azure.com:443/;AccountKey=KEY;"
                ),
            ),
            _ => (
                BATCH,
                format!(
                    "AccountName={account};BatchUrl=https://{account}.westeurope.batch.azure.com;AccountKey=KEY"
                ),
            ),
        };
        let key =
            if old { azure_key::plain(draw, 64) } else { azure_key::identifiable(draw, kind) };
        bind(slots, "azure-account-key", string.replace("KEY", &key), key);
    },
};

pub(super) static SHARED_ACCESS: Family = Family {
    detector: "azure-shared-access-key",
    mixing: Mixing::Free,
    multiline: false,
    wraps: WRAPS,
    templates: STRINGS,
    names: &[
        &[("shared access key", "key")],
        &[("servicebus connection string", "string")],
        &[("event hub connection", "string")],
        &[("iot hub connection string", "string")],
    ],
    bind: |maker: &mut Maker, slots: &mut Slots| {
        let draw = &mut maker.draw;
        let name = word(draw, "kebab");
        let policy = draw.text(&["RootManageSharedAccessKey", "send", "listen-only"]);
        let old = draw.chance(0.25);
        let messaging = *draw.pick(MESSAGING);
        let (kind, string) = match draw.below(4) {
            0 => (
                messaging,
                format!(
                    "Endpoint=sb://{name}.servicebus.windows.net/;SharedAccessKeyName={policy};SharedAccessKey=KEY"
                ),
            ),
            1 => (
                messaging,
                format!(
                    "Endpoint=sb://{name}.servicebus.windows.net/;SharedAccessKeyName={policy};SharedAccessKey=KEY;EntityPath={}",
                    word(draw, "noun")
                ),
            ),
            2 => (
                IOT,
                format!(
                    "HostName={name}.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=KEY"
                ),
            ),
            _ => (
                IOT,
                format!(
                    "HostName={name}.azure-devices.net;DeviceId={};SharedAccessKey=KEY",
                    word(draw, "kebab")
                ),
            ),
        };
        let kind = if draw.chance(0.1) { EVENT_GRID } else { kind };
        let key =
            if old { azure_key::plain(draw, 32) } else { azure_key::identifiable(draw, kind) };
        bind(slots, "azure-shared-access-key", string.replace("KEY", &key), key);
    },
};

/// Containers of a key by itself.
const KEYS: &[Template] = &[
    t(Host::Shell, "header", "curl -s -H 'api-key: «key»' https://«host»/«noun»\n"),
    t(Host::History, "export", "export «UPPER»_KEY=«key»"),
    t(Host::Python, "string", "«snake»_key = '«key»'\n"),
    t(Host::CSharp, "credential", "var «camel» = new ApiKeyCredential(\"«key»\");\n"),
    t(Host::Log, "line", "«iso» «level» key «key» accepted for «kebab»"),
    t(Host::JsonLog, "unicode", "{\"time\":\"«iso»\",\"key\":\"«key|uni»\",\"user\":\"«user»\"}"),
    t(Host::Json, "slash", "\"key«num»\": \"«key|slash»\",\n"),
    t(Host::Xml, "value", "<add key=\"«Pascal»Key\" value=\"«key|xml»\" />\n"),
    t(Host::Html, "url", "<a href=\"https://«host»/api/«noun»?code=«key|pct»&amp;x=1\">run</a>\n"),
    t(Host::Markdown, "code", "* key: `«key»`\n"),
    t(Host::Mail, "plain", "The key is\n\n    «key»\n"),
    t(Host::Yaml, "plain", "«noun»«num»:\n  key: «key»\n"),
    t(Host::Properties, "escaped", "«noun».key=«key|prop»\n"),
    t(
        Host::Slack,
        "message",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"the key is «key|slash» for now\",\n    \"ts\": \"«epoch».000910\"\n},\n",
    ),
];

pub(super) static SERVICE_KEY: Family = Family {
    detector: "azure-service-key",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[],
    templates: KEYS,
    names: &[
        &[("azure search admin key", "key")],
        &[("redis key", "key")],
        &[("acr password", "key")],
        &[("functions host key", "key")],
        &[("app configuration", "string")],
    ],
    bind: |maker: &mut Maker, slots: &mut Slots| {
        let draw = &mut maker.draw;
        let kind = *draw.pick(SERVICE);
        let mut key = azure_key::identifiable(draw, kind);
        if kind.0 == "AzFu" {
            key = azure_key::url_safe(&key);
        }
        let id = format!(
            "{}-l0-s0:{}",
            draw.word(crate::draw::ALNUM, 4),
            draw.word(crate::draw::ALNUM, 20)
        );
        let secret = azure_key::plain(draw, 32);
        let string =
            format!("Endpoint=https://{}.azconfig.io;Id={id};Secret={secret}", word(draw, "kebab"));
        bind(slots, "azure-service-key", string, key);
    },
};

pub(super) static ANNOTATED: Family = Family {
    detector: "azure-annotated-key",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[],
    templates: KEYS,
    names: &[
        &[("azure openai api key", "key")],
        &[("azure devops pat", "key")],
        &[("maps subscription key", "key")],
    ],
    bind: |maker: &mut Maker, slots: &mut Slots| {
        let key = azure_key::annotated(&mut maker.draw);
        slots.plant("key", "azure-annotated-key", key);
    },
};

pub(super) static CLIENT_SECRET: Family = Family {
    detector: "azure-client-secret",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[],
    templates: KEYS,
    names: &[
        &[
            ("azure tenant id", "tenant"),
            ("azure client id", "client"),
            ("azure client secret", "key"),
        ],
        &[("client secret", "key")],
        &[("arm client secret", "key")],
    ],
    bind: |maker: &mut Maker, slots: &mut Slots| {
        let draw = &mut maker.draw;
        slots.set("tenant", vocabulary::word(draw, "uuid"));
        slots.set("client", vocabulary::word(draw, "uuid"));
        let secret = azure_key::client_secret(draw);
        slots.plant("key", "azure-client-secret", secret);
    },
};
