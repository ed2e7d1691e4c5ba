//! Signed URLs of AWS and of the stores that take the same requests.

use time::Duration;

use super::{Family, Maker, Mixing, Names, Template, expiry_hint, t};
use crate::{
    host::Host,
    label::Role,
    template::Slots,
    value::{
        aws_key,
        aws_signature::{self, Request, Signer},
        sts_token::{self, Layout},
    },
    vocabulary,
    wrap::Wrap,
};

pub(super) const FAMILIES: &[&Family] = &[&PRESIGNED_URL, &SIGV2_URL, &CLOUDFRONT_URL];

/// What a signed URL may also be reported as holding.
const INSIDE: &[&str] = &["aws-access-key-id", "aws-temporary-key-id", "aws-session-token"];

/// The containers of any URL, bound as `url`.
macro_rules! url_templates {
    ($($more:expr),* $(,)?) => {
        &[
            t(Host::Mail, "line", "The file is ready, get it here:\n\n«url»\n\n«sentence».\n"),
            t(Host::Mail, "sentence", "You find the «noun» at «url». «sentence».\n"),
            t(Host::Mail, "angle", "Download within the day: <«url»>\n"),
            t(
                Host::Mail,
                "part",
                "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<p>«sentence»: <a href=3D\"«url|xml|qp»\">«noun»</a></p>\n",
            ),
            t(
                Host::Mail,
                "part-text",
                "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n«url|qp»\n",
            ),
            t(
                Host::Slack,
                "link",
                "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"here is the «noun»: <«url|xml|slash»>\",\n    \"ts\": \"«epoch».000700\"\n},\n",
            ),
            t(
                Host::Slack,
                "named-link",
                "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"<«url|xml|json»|«noun».zip> for «name»\",\n    \"ts\": \"«epoch».000700\"\n},\n",
            ),
            t(
                Host::Slack,
                "file",
                "{\n    \"type\": \"message\",\n    \"files\": [{\"name\": \"«noun».pdf\", \"url_private_download\": \"«url|slash»\"}],\n    \"ts\": \"«epoch».000700\"\n},\n",
            ),
            t(Host::Html, "anchor", "<p><a href=\"«url|xml»\">«sentence»</a></p>\n"),
            t(Host::Html, "image", "<img alt='«noun»' src='«url»'>\n"),
            t(Host::Html, "twice", "<td>«url|xml|xml»</td>\n"),
            t(Host::Html, "script", "<script>window.«camel» = \"«url|hexjs»\";</script>\n"),
            t(Host::Html, "json", "<script type=\"application/json\">{\"«camel»\":\"«url|uni»\"}</script>\n"),
            t(Host::Html, "source-set", "<source srcset=\"«url|xml» 2x\">\n"),
            t(Host::Markdown, "link", "[«noun»](«url»)\n"),
            t(Host::Markdown, "image", "![«noun»](«url» \"«noun2»\")\n"),
            t(Host::Markdown, "bare", "* «sentence»: «url»\n"),
            t(Host::Markdown, "bold", "Download: **«url»**\n"),
            t(Host::Markdown, "escaped", "see «url|md», «sentence»\n"),
            t(Host::Markdown, "code", "`«url»`\n"),
            t(Host::Markdown, "table", "| «noun» | «url» |\n"),
            t(Host::Log, "line", "«iso» INFO generated «url» for «user»"),
            t(Host::Log, "key-value", "«iso» level=info url=«url» took=«ms»ms"),
            t(Host::Log, "quoted", "«date» «time» DEBUG [main] GET \"«url»\" 200"),
            t(Host::Log, "redirect", "«iso» DEBUG < Location: «url»"),
            t(Host::Log, "box", "│ GET «url|box100»│\n"),
            t(Host::Log, "boxed", "╭─────╮\n│ «url|box60» │\n╰─────╯\n"),
            t(Host::Log, "portal", "«ip» - - [«date»] \"GET /view?file=«url|pct»&x=1 HTTP/1.1\" 200 «num»"),
            t(Host::Log, "twice", "«iso» redirect to https://«host»/login?next=%2Fopen%3Fu%3D«url|pct|pct»"),
            t(
                Host::JsonLog,
                "unicode",
                "{\"time\":\"«iso»\",\"level\":\"info\",\"url\":\"«url|uni»\",\"status\":200}",
            ),
            t(Host::JsonLog, "plain", "{\"time\":\"«iso»\",\"msg\":\"fetched «url|json»\",\"ms\":«ms»}"),
            t(
                Host::JsonLog,
                "nested",
                "{\"time\":\"«iso»\",\"msg\":\"{\\\"link\\\":\\\"«url|slash|json»\\\",\\\"id\\\":«num»}\"}",
            ),
            t(
                Host::JsonLog,
                "nested-unicode",
                "{\"time\":\"«iso»\",\"body\":\"{\\\"link\\\":\\\"«url|uni|json»\\\"}\"}",
            ),
            t(
                Host::JsonLog,
                "lines",
                "{\"time\":\"«iso»\",\"output\":\"uploading «noun»\\n«url|json»\\ndone\\n\"}",
            ),
            t(Host::Json, "member", "\"«camel»«num»\": {\n  \"downloadUrl\": \"«url|json»\",\n  \"size\": «num»\n},\n"),
            t(Host::Xml, "element", "<«noun» id=\"«num»\">\n  <url>«url|xml»</url>\n</«noun»>\n"),
            t(Host::Xml, "attribute", "<enclosure url=\"«url|xml»\" type=\"audio/mpeg\"/>\n"),
            t(Host::Xml, "twice", "<content type=\"html\">&lt;a href=&quot;«url|xml|xml»&quot;&gt;«noun»&lt;/a&gt;</content>\n"),
            t(Host::Xml, "cdata", "<link><![CDATA[«url»]]></link>\n"),
            t(Host::Properties, "escaped", "«noun».download.url=«url|prop»\n"),
            t(Host::Properties, "plain", "«noun».download.url=«url»\n"),
            t(Host::Yaml, "plain", "«noun»«num»:\n  url: «url»\n"),
            t(Host::Yaml, "list", "«noun»«num»:\n  - \"«url»\"\n"),
            t(Host::Env, "plain", "«UPPER»_URL=«url»\n"),
            t(Host::Toml, "source", "[[source]]\nname = \"«noun»\"\nurl = \"«url»\"\n"),
            t(Host::Terraform, "source", "module \"«noun»«num»\" {\n  source = \"«url»\"\n}\n"),
            t(Host::Shell, "curl", "curl -fsSL -o «noun».tgz '«url»'\n"),
            t(Host::Shell, "wget", "wget -O «noun».gz \"«url»\"\n"),
            t(Host::Dockerfile, "add", "RUN curl -sL \"«url»\" | tar xz -C /opt\n"),
            t(Host::History, "curl", "curl -O '«url»'"),
            t(Host::History, "escaped", "aria2c \"«url»\""),
            t(Host::PowerShell, "request", "Invoke-WebRequest -Uri '«url»' -OutFile «noun».zip\n"),
            t(Host::Python, "requests", "r = requests.get(\"«url»\", timeout=«small»)\n"),
            t(Host::Python, "pandas", "df = pd.read_csv('«url»')\n"),
            t(Host::JavaScript, "fetch", "const res«Noun» = await fetch('«url»');\n"),
            t(Host::TypeScript, "constant", "export const «UPPER»_URL = `«url»`;\n"),
            t(Host::Go, "get", "resp, err := http.Get(\"«url»\")\n"),
            t(Host::Java, "url", "URL «camel» = new URL(\"«url»\");\n"),
            t(Host::Ruby, "open", "«snake» = URI.open('«url»')\n"),
            t(Host::Php, "get", "$«noun» = file_get_contents('«url»');\n"),
            t(Host::CSharp, "uri", "var «camel» = new Uri(\"«url»\");\n"),
            t(Host::Sql, "insert", "INSERT INTO «noun» (id, url) VALUES («num», '«url»');\n"),
            t(
                Host::Notebook,
                "cell",
                "{\n \"cell_type\": \"code\",\n \"execution_count\": «small»,\n \"metadata\": {},\n \"outputs\": [],\n \"source\": [\n  \"url = '«url|json»'\\n\",\n  \"df = pd.read_parquet(url)\"\n ]\n},\n",
            ),
            $($more),*
        ]
    };
}

const NAMES: &[Names] = &[
    &[("download url", "url")],
    &[("presigned url", "url")],
    &[("signed url", "url")],
    &[("file url", "url")],
    &[("link", "url")],
];

/// A pair beside what it signed; `secret` is bound where it is a long-term pair of
/// AWS.
// None of them in files that get into mails in quoted-printable: secret keys are not
// read through soft breaks.
const WITH_PAIR: &[Template] = url_templates![
    t(
        Host::Log,
        "request",
        "«ip» - - [«date»] \"GET «request» HTTP/1.1\" 200 «num» \"-\" \"curl/8.5.0\"",
    ),
    t(
        Host::History,
        "with-pair",
        "«?secret»export AWS_ACCESS_KEY_ID=«id»\nexport AWS_SECRET_ACCESS_KEY=«secret»\n«/»curl -I '«url»'",
    ),
    t(
        Host::Html,
        "with-secret",
        "<pre>EXPORT_URL=«url|xml»\n«?secret»AWS_SECRET_ACCESS_KEY=«secret»\n«/»</pre>\n",
    ),
    t(
        Host::Notebook,
        "with-pair",
        "{\n \"cell_type\": \"code\",\n \"execution_count\": «small»,\n \"metadata\": {},\n \"outputs\": [],\n \"source\": [\n«?secret»  \"ACCESS_KEY = '«id»'\\n\",\n  \"SECRET_KEY = '«secret»'\\n\",\n«/»  \"url = '«url»'\\n\"\n ]\n},\n",
    ),
    t(
        Host::Markdown,
        "with-pair",
        "```\n«?secret»aws_access_key_id = «id»\naws_secret_access_key = «secret»\n«/»$ aws s3 presign s3://«bucket»/«noun»\n«url»\n```\n",
    ),
    t(
        Host::JsonLog,
        "with-pair",
        "{\"time\":\"«iso»\",\"cfg\":{«?secret»\"accessKeyId\":\"«id»\",\"secretAccessKey\":\"«secret»\",«/»\"region\":\"«region»\"},\"url\":\"«url|uni»\"}",
    ),
];

pub(super) static PRESIGNED_URL: Family = Family {
    detector: "aws-presigned-url",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[Wrap::QuotedPrintableMail],
    templates: WITH_PAIR,
    names: NAMES,
    bind: bind_presigned,
};

/// A key of AWS or of a store: id, secret, session token, region, and whether it is
/// a long-term one of AWS.
struct Key {
    id: String,
    secret: String,
    token: Option<String>,
    region: &'static str,
    is_long_term: bool,
}

fn aws_pair(maker: &mut Maker, session: time::OffsetDateTime) -> Key {
    let temporary = maker.draw.chance(0.4);
    let (id, grant) = maker.session(session);
    let secret = aws_key::secret(&mut maker.draw);
    let region = grant.region;
    if temporary {
        let token = sts_token::session_token(&mut maker.draw, Layout::Current, grant);
        return Key { id, secret, token: Some(token), region, is_long_term: false };
    }
    let id = if maker.draw.chance(0.15) {
        aws_key::old_key_id(&mut maker.draw, "AKIA")
    } else {
        aws_key::key_id(&mut maker.draw, "AKIA", grant.account)
    };
    Key { id, secret, token: None, region, is_long_term: true }
}

/// A host of S3 or of a store like it, the path on it, and the key that signs.
fn store(maker: &mut Maker, session: time::OffsetDateTime) -> (String, String, Key) {
    let draw = &mut maker.draw;
    let bucket = vocabulary::word(draw, "bucket");
    let object = object(draw);
    if draw.chance(0.72) {
        let key = aws_pair(maker, session);
        let draw = &mut maker.draw;
        let region = key.region;
        let host = match draw.below(9) {
            0 => format!("s3.{region}.amazonaws.com"),
            1 => format!("s3-{region}.amazonaws.com"),
            2 => "s3.amazonaws.com".into(),
            3 => format!("{bucket}.s3.amazonaws.com"),
            4 => format!("{bucket}.s3-accelerate.amazonaws.com"),
            5 => format!("{bucket}.s3.dualstack.{region}.amazonaws.com"),
            _ => format!("{bucket}.s3.{region}.amazonaws.com"),
        };
        let by_path = host.starts_with("s3");
        let path = if by_path { format!("/{bucket}/{object}") } else { format!("/{object}") };
        return (host, path, key);
    }
    let mut key = Key {
        id: String::new(),
        secret: aws_key::secret(draw),
        token: None,
        region: "us-east-1",
        is_long_term: false,
    };
    let capitals = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let (host, path) = match draw.below(6) {
        0 => {
            key.id = draw.hex(32);
            key.secret = draw.hex(64);
            key.region = "auto";
            let account = draw.hex(32);
            (format!("{account}.r2.cloudflarestorage.com"), format!("/{bucket}/{object}"))
        }
        1 => {
            key.id = format!("DO00{}", draw.word(capitals, 16));
            key.region = "fra1";
            (format!("{bucket}.fra1.digitaloceanspaces.com"), format!("/{object}"))
        }
        2 => {
            key.id = draw.word(capitals, 20);
            key.region = "eu-central-1";
            ("s3.eu-central-1.wasabisys.com".into(), format!("/{bucket}/{object}"))
        }
        3 => {
            key.id = format!("005{}", draw.hex(22));
            key.region = "us-west-002";
            (format!("{bucket}.s3.us-west-002.backblazeb2.com"), format!("/{object}"))
        }
        4 => {
            key.id = draw.word(crate::draw::ALNUM, 20);
            (
                format!("minio.{}:9000", vocabulary::word(draw, "host")),
                format!("/{bucket}/{object}"),
            )
        }
        _ => {
            key.id = vocabulary::word(draw, "user");
            (vocabulary::word(draw, "host"), format!("/{bucket}/{object}"))
        }
    };
    (host, path, key)
}

fn object(draw: &mut crate::draw::Draw) -> String {
    let (one, other) = (vocabulary::word(draw, "noun"), vocabulary::word(draw, "kebab"));
    let end = *draw.pick(&["csv.gz", "pdf", "mp4", "tar", "sql", "png", "json", "zip"]);
    match draw.below(5) {
        0 => format!("{one}/2025/{other}.{end}"),
        1 => format!("{one} {other}.{end}"),
        2 => format!("{}/{other}_{one}.{end}", draw.hex(16)),
        3 => format!("{one}/{other} (1).{end}"),
        _ => format!("{other}.{end}"),
    }
}

/// Binds the pair that signs: its id, and its secret with its label. Temporary
/// ones are kept out: other ids stand in the same files, and a person would not
/// pair by the kind of the id either.
fn bind_pair(slots: &mut Slots, key: &Key) {
    if key.is_long_term {
        slots.permit("id", "aws-access-key-id", key.id.clone());
        slots.plant("secret", "aws-access-key", key.secret.clone());
    }
}

fn bind_presigned(maker: &mut Maker, slots: &mut Slots) {
    let (signed, _) = maker.begun();
    let at = vocabulary::amz_date(signed);
    let (host, path, key) = store(maker, signed - Duration::minutes(10));
    let draw = &mut maker.draw;
    let seconds = *draw.pick(&[60, 300, 900, 3600, 3600, 43_200, 86_400, 604_800]);
    let longest = if key.token.is_some() { 36 * 3600 - 600 } else { i64::MAX };
    let life = Duration::seconds((seconds as i64).min(longest));
    let hint = expiry_hint(signed + life <= maker.now);
    bind_pair(slots, &key);
    let detector = "aws-presigned-url";
    if key.is_long_term && draw.chance(0.06) {
        let url = aws_signature::sigv4a(draw, &key.id, &at, seconds, &path);
        slots.claim("url", detector, Role::Plant, hint, url);
        // Nothing that the pair signed.
        bind_request(maker, slots, &key, &host, &path, &at, seconds, hint);
        slots.permit_inside("url", INSIDE);
        return;
    }
    let url = bind_request(maker, slots, &key, &host, &path, &at, seconds, hint);
    slots.claim("url", detector, Role::Plant, hint, url);
    slots.permit_inside("url", INSIDE);
}

/// Binds the path and query as a server logs them, and gives the URL.
#[allow(clippy::too_many_arguments)]
fn bind_request(
    maker: &mut Maker,
    slots: &mut Slots,
    key: &Key,
    host: &str,
    path: &str,
    at: &str,
    seconds: u64,
    hint: Option<&'static str>,
) -> String {
    let draw = &mut maker.draw;
    let (method, more): (&str, &[(&str, &str)]) = match draw.below(8) {
        0 => ("GET", &[("x-id", "GetObject")]),
        1 => ("GET", &[("response-content-disposition", "attachment; filename=\"a b.csv\"")]),
        2 => ("PUT", &[("x-id", "PutObject")]),
        3 => (
            "PUT",
            &[
                ("partNumber", "3"),
                ("uploadId", "VXBsb2FkIElEIGZvciA2aWWpbmcncyBteS1tb3ZpZS5tMnRz"),
            ],
        ),
        4 => ("GET", &[("versionId", "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY")]),
        _ => ("GET", &[]),
    };
    let signer = Signer {
        key_id: &key.id,
        secret: &key.secret,
        token: key.token.as_deref(),
        region: key.region,
    };
    let request = Request { method, host, path, service: "s3", at, seconds, more };
    let request = aws_signature::sigv4(draw, signer, request);
    let scheme = if host.contains(":9000") { "http" } else { "https" };
    let url = format!("{scheme}://{host}{request}");
    slots.claim("request", "aws-presigned-url", Role::Plant, hint, request);
    slots.permit_inside("request", INSIDE);
    url
}

pub(super) static SIGV2_URL: Family = Family {
    detector: "aws-sigv2-url",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[Wrap::QuotedPrintableMail],
    templates: WITH_PAIR,
    names: NAMES,
    bind: |maker, slots| {
        let (signed, _) = maker.begun();
        let (host, path, key) = store(maker, signed - Duration::minutes(10));
        let draw = &mut maker.draw;
        let life = *draw.pick(&[900, 3600, 86_400, 30 * 86_400, 3650 * 86_400]);
        let expires = signed + Duration::seconds(life);
        let last = match key.token {
            Some(_) => expires.min(signed + Duration::seconds(36 * 3600 - 600)),
            None => expires,
        };
        let hint = expiry_hint(last <= maker.now);
        // The bucket is signed as part of the resource.
        let bucket = host.split(".s3").next().filter(|b| b.len() < host.len() && *b != "s3");
        let signer = Signer {
            key_id: &key.id,
            secret: &key.secret,
            token: key.token.as_deref(),
            region: key.region,
        };
        let resource = match bucket {
            Some(bucket) if !host.starts_with("s3") => (bucket, path.as_str()),
            _ => path[1..]
                .split_once('/')
                .map_or(("", path.as_str()), |(bucket, _)| (bucket, &path[bucket.len() + 1..])),
        };
        let query =
            aws_signature::sigv2(draw, signer, resource.0, resource.1, expires.unix_timestamp());
        let encoded =
            path.split('/').map(crate::escape::percent_encoded).collect::<Vec<_>>().join("/");
        let scheme = if draw.chance(0.2) { "http" } else { "https" };
        let request = format!("{encoded}?{query}");
        let url = format!("{scheme}://{host}{request}");
        bind_pair(slots, &key);
        for (name, value) in [("url", url), ("request", request)] {
            slots.claim(name, "aws-sigv2-url", Role::Plant, hint, value);
            slots.permit_inside(name, INSIDE);
        }
    },
};

pub(super) static CLOUDFRONT_URL: Family = Family {
    detector: "aws-cloudfront-url",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[Wrap::QuotedPrintableMail],
    templates: url_templates![t(
        Host::Html,
        "video",
        "<video controls><source src=\"«url|xml»\" type=\"video/mp4\"></video>\n",
    )],
    names: NAMES,
    bind: |maker, slots| {
        let (signed, _) = maker.begun();
        let draw = &mut maker.draw;
        let life = *draw.pick(&[900, 3600, 86_400, 30 * 86_400, 3650 * 86_400]);
        let expires = signed + Duration::seconds(life);
        let hint = expiry_hint(expires <= maker.now);
        let host = if draw.chance(0.6) {
            format!("d{}.cloudfront.net", draw.word(crate::draw::LOWER_ALNUM, 13))
        } else {
            format!("cdn.{}", vocabulary::word(draw, "domain"))
        };
        let object = crate::escape::percent_encoded(&object(draw));
        let base = format!("https://{host}/{}", object.replace("%2F", "/"));
        let resource = if draw.chance(0.4) { format!("https://{host}/*") } else { base.clone() };
        let custom = draw.chance(0.5);
        let grant = aws_signature::cloudfront(draw, &resource, expires.unix_timestamp(), custom);
        let more = if draw.chance(0.2) { "lang=de&" } else { "" };
        let url = format!("{base}?{more}{}", grant.query());
        slots.claim("url", "aws-cloudfront-url", Role::Plant, hint, url);
    },
};
