//! Tokens that are a presigned request, and the console's sign-in links.

use time::Duration;

use super::{Family, Maker, Mixing, expiry_hint, t};
use crate::{
    host::Host,
    label::Role,
    template::Slots,
    value::{
        aws_key, aws_service,
        presign::{self, Signer},
        sts_token::{self, Layout},
    },
    vocabulary,
};

/// What a presigned token may also be reported as holding.
const INSIDE: &[&str] = &["aws-access-key-id", "aws-temporary-key-id", "aws-session-token"];

/// Makes a token by `make` that was signed at some moment and holds for `life`.
fn bind_signed(
    maker: &mut Maker,
    slots: &mut Slots,
    detector: &'static str,
    life: Duration,
    make: impl FnOnce(&mut Maker, Signer<'_>) -> String,
) {
    let (signed, _) = maker.begun();
    let (temporary, grant) = maker.session(signed - Duration::minutes(10));
    let with_token = maker.draw.chance(0.7);
    let (id, token) = if with_token {
        (temporary, Some(sts_token::session_token(&mut maker.draw, Layout::Current, grant)))
    } else {
        (aws_key::key_id(&mut maker.draw, "AKIA", grant.account), None)
    };
    let at = vocabulary::amz_date(signed);
    slots.set("region", grant.region);
    let signer = Signer { key_id: &id, token: token.as_deref(), region: grant.region, at: &at };
    let value = make(maker, signer);
    let hint = expiry_hint(signed + life < maker.now);
    slots.claim("value", detector, Role::Plant, hint, value);
    slots.permit_inside("value", INSIDE);
}

pub(super) static BEDROCK_TOKEN: Family = Family {
    detector: "aws-bedrock-token",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[],
    templates: &[
        t(
            Host::Shell,
            "curl",
            "curl -s https://bedrock-runtime.«region».amazonaws.com/model/«noun»/invoke \\\n  -H 'Authorization: Bearer «value»'\n",
        ),
        t(Host::History, "export", "export AWS_BEARER_TOKEN_BEDROCK=«value»"),
        t(Host::Python, "environ", "os.environ['AWS_BEARER_TOKEN_BEDROCK'] = '«value»'\n"),
        t(Host::Log, "header", "«iso» DEBUG > Authorization: Bearer «value»"),
        t(
            Host::JsonLog,
            "nested",
            "{\"time\":\"«iso»\",\"msg\":\"{\\\"authorization\\\":\\\"Bearer «value|slash|json»\\\"}\"}",
        ),
    ],
    names: &[&[("aws bearer token bedrock", "value")], &[("bedrock api key", "value")]],
    bind: |maker, slots| {
        bind_signed(maker, slots, "aws-bedrock-token", Duration::hours(12), |maker, signer| {
            presign::bedrock_token(&mut maker.draw, signer)
        });
    },
};

pub(super) static RDS_TOKEN: Family = Family {
    detector: "aws-rds-iam-token",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[],
    templates: &[
        t(
            Host::Shell,
            "pgpassword",
            "export PGPASSWORD=\"«value»\"\npsql -U «db_user» -h «noun»\n",
        ),
        t(
            Host::History,
            "mysql",
            "mysql --ssl-mode=REQUIRED -u «db_user» --enable-cleartext-plugin --password='«value»'",
        ),
        t(
            Host::Python,
            "connect",
            "conn = psycopg2.connect(user='«db_user»', password='«value»', sslmode='require')\n",
        ),
        t(
            Host::Log,
            "cli-output",
            "+ aws rds generate-db-auth-token --username «db_user» --region «region»\n«value»",
        ),
        t(
            Host::Env,
            "database-url",
            "DATABASE_URL=postgres://«db_user»:«value|pct»@«noun».«region».rds.amazonaws.com:5432/«noun2»?sslmode=require\n",
        ),
        t(
            Host::Yaml,
            "uri",
            "«noun»«num»:\n  url: \"postgresql://«db_user»:«value|pct»@«host»:5432/«noun2»\"\n",
        ),
        t(
            Host::Xml,
            "ampersands",
            "<datasource>\n  <username>«db_user»</username>\n  <password>«value|xml»</password>\n</datasource>\n",
        ),
        t(Host::Html, "ampersands", "<pre>password: «value|xml»</pre>\n"),
        t(
            Host::JsonLog,
            "unicode",
            "{\"time\":\"«iso»\",\"level\":\"debug\",\"msg\":\"«sentence»\",\"password\":\"«value|uni»\"}",
        ),
        t(Host::Go, "variable", "var «camel»Token = \"«value»\"\n"),
        t(Host::Mail, "plain", "The database token, good for a quarter of an hour:\n\n«value»\n"),
    ],
    names: &[
        &[("db user", "db_user"), ("db password", "value")],
        &[("rds token", "value")],
        &[("db auth token", "value")],
    ],
    bind: |maker, slots| {
        let user = vocabulary::word(&mut maker.draw, "snake");
        slots.set("db_user", user.clone());
        bind_signed(maker, slots, "aws-rds-iam-token", Duration::minutes(15), |maker, signer| {
            let name = vocabulary::word(&mut maker.draw, "kebab");
            presign::rds_token(&mut maker.draw, signer, &name, &user)
        });
    },
};

pub(super) static EKS_TOKEN: Family = Family {
    detector: "aws-eks-token",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[],
    templates: &[
        t(
            Host::Yaml,
            "kubeconfig",
            "- name: arn:aws:eks:«region»:«account»:cluster/«kebab»\n  user:\n    token: «value»\n",
        ),
        t(
            Host::Json,
            "exec-credential",
            "\"ExecCredential«num»\": {\n  \"apiVersion\": \"client.authentication.k8s.io/v1beta1\",\n  \"status\": {\n    \"expirationTimestamp\": \"«iso»\",\n    \"token\": \"«value»\"\n  }\n},\n",
        ),
        t(
            Host::Log,
            "header",
            "«iso» DEBUG round_trippers.go:435] curl -v -XGET -H \"Authorization: Bearer «value»\" 'https://«host»/api'",
        ),
        t(Host::History, "kubectl", "kubectl --token=«value» get nodes"),
        t(
            Host::JsonLog,
            "exec",
            "{\"time\":\"«iso»\",\"msg\":\"{\\\"kind\\\":\\\"ExecCredential\\\",\\\"status\\\":{\\\"token\\\":\\\"«value»\\\"}}\"}",
        ),
        t(
            Host::Terraform,
            "provider",
            "provider \"kubernetes\" {\n  host  = \"https://«host»\"\n  token = \"«value»\"\n}\n",
        ),
    ],
    names: &[&[("kube token", "value")], &[("eks token", "value")], &[("token", "value")]],
    bind: |maker, slots| {
        bind_signed(maker, slots, "aws-eks-token", Duration::minutes(15), |maker, signer| {
            presign::eks_token(&mut maker.draw, signer)
        });
    },
};

pub(super) static FEDERATION_TOKEN: Family = Family {
    detector: "aws-federation-token",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[],
    templates: &[
        t(Host::Log, "link", "«iso» «level» console link: «value»"),
        t(Host::Markdown, "link", "[console](«value»)\n"),
        t(Host::Mail, "link", "Sign in here within a quarter of an hour:\n\n<«value»>\n"),
        t(
            Host::Slack,
            "link",
            "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"<«value|slash»>\",\n    \"ts\": \"«epoch».000800\"\n},\n",
        ),
        t(Host::Html, "anchor", "<p><a href=\"«value|xml»\">console</a></p>\n"),
        t(Host::Python, "string", "console_url = '«value»'\n"),
        t(
            Host::JsonLog,
            "unicode",
            "{\"time\":\"«iso»\",\"url\":\"«value|uni»\",\"user\":\"«user»\"}",
        ),
        t(Host::History, "open", "open '«value»'"),
    ],
    names: &[&[("console url", "value")], &[("signin url", "value")]],
    bind: |maker, slots| {
        let draw = &mut maker.draw;
        let issuer = vocabulary::word(draw, "domain");
        let region = *draw.pick(vocabulary::REGIONS);
        let host = if draw.chance(0.5) { String::new() } else { format!("{region}.") };
        let token = aws_service::signin_token(draw);
        let value = format!(
            "https://{host}signin.aws.amazon.com/federation?Action=login&Issuer={issuer}\
             &Destination=https%3A%2F%2Fconsole.aws.amazon.com%2F&SigninToken={token}"
        );
        slots.plant("value", "aws-federation-token", value);
    },
};
