//! Signed URLs and tokens of clouds other than AWS (§3.5 to §3.7), in the
//! containers and escapes of §3.8.

use super::{Family, Maker, Mixing, Names, Template, expiry_hint, file, t};
use crate::{
    host::Host,
    label::Role,
    template::Slots,
    value::cloud_url::{self, Made},
    wrap::Wrap,
};

/// The families of this module.
pub(super) const FAMILIES: &[&Family] = &[
    &AZURE_STORAGE,
    &AZURE_STORAGE_TOKEN,
    &AZURE_STORAGE_CONNECTION,
    &AZURE_BUS,
    &AZURE_WORKFLOW,
    &GCS,
    &FIREBASE,
    &ALIBABA,
    &TENCENT,
    &HUAWEI,
    &VOLCENGINE,
    &CDN,
    &BACKBLAZE,
    &PUBLIC_OBJECT,
];

/// Where links stand.
const LINKS: &[Template] = &[
    t(Host::Log, "plain", "«iso» «level» GET «value» 200 «ms»ms"),
    t(Host::Log, "sentence", "«iso» «level» uploaded to «value». Took «ms» ms"),
    t(Host::Log, "list", "«iso» DEBUG urls=[«value», https://«host»/«noun»]"),
    t(Host::Log, "redirect", "«iso» «level» 302 https://«host»/go?next=«value|pct»&from=«noun»"),
    t(Host::Log, "redirect-twice", "«iso» «level» GET /login?back=%2Fgo%3Fnext%3D«value|pct|pct»"),
    t(
        Host::Log,
        "box",
        "╭──────────────────────────────────────────────────────────────────────────────────╮\n│ «value|box» │\n╰──────────────────────────────────────────────────────────────────────────────────╯",
    ),
    t(Host::Log, "box-narrow", "│ url: «value|box60» │"),
    t(Host::JsonLog, "unicode", "{\"time\":\"«iso»\",\"url\":\"«value|uni»\",\"user\":\"«user»\"}"),
    t(
        Host::JsonLog,
        "slash",
        "{\"time\":\"«iso»\",\"level\":\"«level»\",\"href\":\"«value|slash»\"}",
    ),
    t(
        Host::JsonLog,
        "nested",
        "{\"time\":\"«iso»\",\"body\":\"{\\\"url\\\":\\\"«value|slash|json»\\\",\\\"id\\\":«num»}\"}",
    ),
    t(
        Host::JsonLog,
        "nested-unicode",
        "{\"time\":\"«iso»\",\"body\":\"{\\\"url\\\":\\\"«value|uni|json»\\\"}\"}",
    ),
    t(
        Host::Json,
        "field",
        "\"«camel»«num»\": {\n  \"downloadUrl\": \"«value»\",\n  \"size\": «num»\n},\n",
    ),
    t(Host::Html, "anchor", "<p><a href=\"«value|xml»\">«noun»</a></p>\n"),
    t(Host::Html, "anchor-single", "<p><a class='«noun»' href='«value|xml»'>«noun2»</a></p>\n"),
    t(Host::Html, "raw", "<img src=\"«value»\" alt=\"«noun»\">\n"),
    t(Host::Html, "twice", "<textarea>&lt;a href=&quot;«value|xml|xml»&quot;&gt;</textarea>\n"),
    t(Host::Html, "script", "<script>var «camel» = \"«value|hexjs»\";</script>\n"),
    t(Host::Markdown, "link", "[«noun»](«value») holds the «noun2»\n"),
    t(Host::Markdown, "angle", "See <«value»> for the «noun».\n"),
    t(Host::Markdown, "escaped", "Download: «value|md»\n"),
    t(Host::Markdown, "table", "| «noun» | «value» | «num» |\n"),
    t(Host::Mail, "angle", "The file, as promised:\n\n<«value»>\n"),
    t(Host::Mail, "plain", "Please fetch it from «value»\nbefore it expires.\n"),
    t(
        Host::Mail,
        "quoted-printable",
        "Content-Type: text/html; charset=3D\"utf-8\"\nContent-Transfer-Encoding: quoted-printable\n\n<a href=3D\"«value|xml|qp»\">«noun»</a>\n",
    ),
    t(
        Host::Slack,
        "link",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"here: <«value|xml|slash»|«noun»>\",\n    \"ts\": \"«epoch».000900\"\n},\n",
    ),
    t(Host::Python, "get", "response = requests.get(\"«value»\", timeout=«small»)\n"),
    t(Host::JavaScript, "fetch", "const «camel» = await fetch('«value»');\n"),
    t(Host::Go, "raw", "var «camel»URL = `«value»`\n"),
    t(Host::Java, "string", "private static final String «UPPER» = \"«value»\";\n"),
    t(Host::CSharp, "uri", "var «camel» = new Uri(\"«value»\");\n"),
    t(Host::Php, "string", "$«snake» = '«value»';\n"),
    t(Host::Yaml, "plain", "«snake»«num»:\n  url: «value»\n"),
    t(Host::Yaml, "quoted", "«snake»«num»:\n  url: \"«value»\"\n"),
    t(Host::Properties, "escaped", "«noun».url=«value|prop»\n"),
    t(Host::Xml, "element", "<file name=\"«noun»\">\n  <url>«value|xml»</url>\n</file>\n"),
    t(Host::Xml, "cdata", "<url><![CDATA[«value»]]></url>\n"),
    t(Host::Sql, "insert", "INSERT INTO files (id, url) VALUES («num», '«value»');\n"),
    t(Host::History, "curl", "curl -sSL '«value»' -o «noun».zip"),
    t(Host::History, "azcopy", "azcopy copy ./«noun» \"«value»\" --recursive"),
    t(Host::Shell, "wget", "wget -q \"«value»\" -O «noun»\n"),
    t(Host::PowerShell, "request", "Invoke-WebRequest -Uri \"«value»\" -OutFile «noun».zip\n"),
    t(Host::Env, "quoted", "«UPPER»_URL=\"«value»\"\n"),
    t(Host::Dockerfile, "add", "ADD «value» /opt/«noun»\n"),
    t(Host::Terraform, "source", "variable \"«snake»_url\" {\n  default = \"«value»\"\n}\n"),
    t(
        Host::Notebook,
        "source",
        "{\n \"cell_type\": \"code\",\n \"execution_count\": «small»,\n \"metadata\": {},\n \"outputs\": [],\n \"source\": [\"df = pd.read_csv('«value»')\"]\n},\n",
    ),
    file(
        Host::Bare,
        "csv",
        "exports/«kebab»-«num».csv",
        "id,name,url,created\n«num»,«noun»,«value»,«date»\n«num2»,«noun2»,,«date2»",
    ),
    file(
        Host::Bare,
        "urls",
        "data/«kebab»-urls.txt",
        "https://«host»/«noun»\n«value»\nhttps://«host2»/«noun2»",
    ),
];

/// Names that hold links.
const LINK_NAMES: &[Names] = &[
    &[("download url", "value")],
    &[("blob url", "value")],
    &[("signed url", "value")],
    &[("upload endpoint", "value")],
    &[("sas url", "value")],
];

/// Where bare tokens stand.
const TOKENS: &[Template] = &[
    t(Host::Env, "plain", "AZURE_STORAGE_SAS_TOKEN=«value»\n"),
    t(Host::Env, "quoted", "«UPPER»_SAS=\"«value»\"\n"),
    t(Host::Shell, "export", "export AZURE_STORAGE_SAS_TOKEN='«value»'\n"),
    t(
        Host::Shell,
        "option",
        "az storage blob list --account-name «noun» -c «noun2» --sas-token \"«value»\"\n",
    ),
    t(
        Host::History,
        "option",
        "az storage blob upload -c «noun» --sas-token '«value»' -f «noun2».zip",
    ),
    t(
        Host::Python,
        "argument",
        "«snake» = BlobServiceClient(account_url, credential=\"«value»\")\n",
    ),
    t(Host::CSharp, "credentials", "var «camel» = new AzureSasCredential(\"«value»\");\n"),
    t(Host::JavaScript, "string", "const sasToken = '«value»';\n"),
    t(Host::Json, "field", "\"«camel»«num»\": {\n  \"sasToken\": \"«value»\"\n},\n"),
    t(Host::JsonLog, "unicode", "{\"time\":\"«iso»\",\"sas\":\"«value|uni»\",\"user\":\"«user»\"}"),
    t(Host::Yaml, "plain", "«snake»«num»:\n  sas: «value»\n"),
    t(Host::Xml, "attribute", "<add key=\"«camel»Sas\" value=\"«value|xml»\" />\n"),
    t(Host::Log, "header", "«iso» DEBUG Authorization: «value»"),
    t(Host::Log, "box", "│ token: «value|box60» │"),
    t(Host::Mail, "line", "Use this token until Friday:\n\n«value»\n"),
    t(
        Host::Slack,
        "code",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"`«value|xml|slash»`\",\n    \"ts\": \"«epoch».001900\"\n},\n",
    ),
    t(Host::PowerShell, "variable", "$sas = \"«value»\"\n"),
    t(Host::Markdown, "code", "Call it with `«value»`.\n"),
    t(Host::Html, "input", "<input type=\"hidden\" name=\"sas\" value=\"«value|xml»\">\n"),
];

/// Where a connection string takes a token for storage.
const CONNECTIONS: &[Template] = &[
    t(
        Host::Json,
        "connection",
        "\"ConnectionStrings«num»\": {\n  \"Storage\": \"BlobEndpoint=https://«noun»7k.blob.core.windows.net/;SharedAccessSignature=«value»\"\n},\n",
    ),
    t(
        Host::Env,
        "connection",
        "AZURE_STORAGE_CONNECTION_STRING=\"BlobEndpoint=https://«noun»7k.blob.core.windows.net;QueueEndpoint=https://«noun»7k.queue.core.windows.net;SharedAccessSignature=«value»;EndpointSuffix=core.windows.net\"\n",
    ),
    t(
        Host::Xml,
        "connection",
        "<add name=\"Storage\" connectionString=\"SharedAccessSignature=«value|xml»;TableEndpoint=https://«noun»7k.table.core.windows.net/;\" />\n",
    ),
    t(Host::Yaml, "plain", "«snake»«num»:\n  sas: «value»\n"),
    t(Host::Env, "plain", "AZURE_STORAGE_SAS_TOKEN=«value»\n"),
];

/// Names that hold tokens.
const TOKEN_NAMES: &[Names] = &[
    &[("sas token", "value")],
    &[("shared access signature", "value")],
    &[("azure sas", "value")],
];

/// What links are wrapped in beside what everything is.
const MAIL: &[Wrap] = &[Wrap::QuotedPrintableMail];

/// Binds a value that may have expired.
fn plant(slots: &mut Slots, detector: &'static str, (value, expired): Made) {
    slots.claim("value", detector, Role::Plant, expiry_hint(expired), value);
}

/// A family of links.
macro_rules! links {
    ($name:ident, $detector:literal, $templates:expr, $names:expr, $make:expr) => {
        static $name: Family = Family {
            detector: $detector,
            mixing: Mixing::Free,
            multiline: false,
            wraps: MAIL,
            templates: $templates,
            names: $names,
            bind: |maker, slots| {
                let make: fn(&mut Maker) -> Made = $make;
                let made = make(maker);
                plant(slots, $detector, made);
            },
        };
    };
}

links!(AZURE_STORAGE, "azure-storage-sas", LINKS, LINK_NAMES, |maker| {
    cloud_url::azure_storage(&mut maker.draw, maker.now)
});
links!(AZURE_STORAGE_TOKEN, "azure-storage-sas", TOKENS, TOKEN_NAMES, |maker| {
    cloud_url::azure_storage_token(&mut maker.draw, maker.now)
});
links!(AZURE_STORAGE_CONNECTION, "azure-storage-sas", CONNECTIONS, &[], |maker| {
    let (token, expired) = cloud_url::azure_storage_token(&mut maker.draw, maker.now);
    (token.trim_start_matches('?').into(), expired)
});
links!(AZURE_BUS, "azure-servicebus-sas", TOKENS, TOKEN_NAMES, |maker| {
    cloud_url::azure_bus(&mut maker.draw, maker.now)
});
links!(AZURE_WORKFLOW, "azure-logic-app-url", LINKS, LINK_NAMES, |maker| {
    (cloud_url::azure_workflow(&mut maker.draw), false)
});
links!(GCS, "gcs-signed-url", LINKS, LINK_NAMES, |maker| {
    cloud_url::gcs(&mut maker.draw, maker.now)
});
links!(FIREBASE, "firebase-download-url", LINKS, LINK_NAMES, |maker| {
    (cloud_url::firebase(&mut maker.draw), false)
});
links!(ALIBABA, "alibaba-oss-url", LINKS, LINK_NAMES, |maker| {
    cloud_url::alibaba(&mut maker.draw, maker.now)
});
links!(TENCENT, "tencent-cos-url", LINKS, LINK_NAMES, |maker| {
    cloud_url::tencent(&mut maker.draw, maker.now)
});
links!(HUAWEI, "huawei-obs-url", LINKS, LINK_NAMES, |maker| {
    cloud_url::huawei(&mut maker.draw, maker.now)
});
links!(VOLCENGINE, "volcengine-tos-url", LINKS, LINK_NAMES, |maker| {
    cloud_url::volcengine(&mut maker.draw, maker.now)
});
links!(CDN, "cdn-token-url", LINKS, LINK_NAMES, |maker| {
    cloud_url::cdn(&mut maker.draw, maker.now)
});
links!(BACKBLAZE, "backblaze-download-token", LINKS, LINK_NAMES, |maker| {
    cloud_url::backblaze(&mut maker.draw, maker.now)
});

/// Reported only where it is asked for: `--add-rule public-object-url`.
static PUBLIC_OBJECT: Family = Family {
    detector: "public-object-url",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[],
    templates: LINKS,
    names: LINK_NAMES,
    bind: |maker, slots| {
        let value = cloud_url::public_object(&mut maker.draw);
        slots.claim("value", "public-object-url", Role::Plant, Some("info"), value);
    },
};
