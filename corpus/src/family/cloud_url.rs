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
pub(super) const FAMILIES: &[&Family] = &[&AZURE_STORAGE, &GCS];

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

/// What links are wrapped in beside what everything is.
const MAIL: &[Wrap] = &[Wrap::QuotedPrintableMail];

/// Binds a value that may have expired.
fn plant(slots: &mut Slots, detector: &'static str, (value, expired): Made) {
    slots.claim("value", detector, Role::Plant, expiry_hint(expired), value);
}

static AZURE_STORAGE: Family = Family {
    detector: "azure-storage-sas",
    mixing: Mixing::Free,
    multiline: false,
    wraps: MAIL,
    templates: LINKS,
    names: LINK_NAMES,
    bind: |maker, slots| {
        let made = if maker.draw.chance(0.25) {
            cloud_url::azure_storage_token(&mut maker.draw, maker.now)
        } else {
            cloud_url::azure_storage(&mut maker.draw, maker.now)
        };
        plant(slots, "azure-storage-sas", made);
    },
};

static GCS: Family = Family {
    detector: "gcs-signed-url",
    mixing: Mixing::Free,
    multiline: false,
    wraps: MAIL,
    templates: LINKS,
    names: LINK_NAMES,
    bind: |maker, slots| {
        plant(slots, "gcs-signed-url", cloud_url::gcs(&mut maker.draw, maker.now));
    },
};
