//! Halves: key ids, secrets and session tokens that stand without the rest.

use super::{Family, Maker, Mixing, Names, Template, expiry_hint, t};
use crate::{
    draw::BASE32,
    host::Host,
    label::Role,
    template::Slots,
    value::{
        aws_key,
        sts_token::{self, Layout},
    },
    vocabulary,
};

pub(super) static ACCESS_KEY_ID: Family = Family {
    detector: "aws-access-key-id",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[],
    templates: ID_TEMPLATES,
    names: ID_NAMES,
    bind: bind_access_key_id,
};

pub(super) static TEMPORARY_KEY_ID: Family = Family {
    detector: "aws-temporary-key-id",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[],
    templates: ID_TEMPLATES,
    names: ID_NAMES,
    bind: bind_temporary_key_id,
};

pub(super) static SECRET_KEY: Family = Family {
    detector: "aws-secret-key",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[],
    templates: SECRET_TEMPLATES,
    names: SECRET_NAMES,
    bind: bind_secret_key,
};

pub(super) static SESSION_TOKEN: Family = Family {
    detector: "aws-session-token",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[],
    templates: TOKEN_TEMPLATES,
    names: TOKEN_NAMES,
    bind: bind_session_token,
};

fn bind_access_key_id(maker: &mut Maker, slots: &mut Slots) {
    let draw = &mut maker.draw;
    let account = aws_key::account(draw);
    let id = if draw.chance(0.12) {
        aws_key::old_key_id(draw, "AKIA")
    } else {
        aws_key::key_id(draw, "AKIA", account)
    };
    slots.set("acct", format!("{account:012}"));
    slots.set("aida", format!("AIDA{}", draw.word(BASE32, 17)));
    slots.plant("id", "aws-access-key-id", id);
}

fn bind_temporary_key_id(maker: &mut Maker, slots: &mut Slots) {
    let draw = &mut maker.draw;
    let account = aws_key::account(draw);
    slots.set("acct", format!("{account:012}"));
    slots.set("aida", format!("AROA{}", draw.word(BASE32, 17)));
    let id = aws_key::key_id(draw, "ASIA", account);
    slots.plant("id", "aws-temporary-key-id", id);
}

fn bind_secret_key(maker: &mut Maker, slots: &mut Slots) {
    let draw = &mut maker.draw;
    slots.set("bucket_name", vocabulary::word(draw, "bucket"));
    slots.set("place", "s3.amazonaws.com");
    slots.plant("secret", "aws-secret-key", aws_key::secret(draw));
}

/// Binds `token`, and `at` a time at which it was used.
fn bind_session_token(maker: &mut Maker, slots: &mut Slots) {
    let (created, expired) = maker.begun();
    let (_, grant) = maker.session(created);
    let draw = &mut maker.draw;
    let layout = *draw.pick(&[
        Layout::Current,
        Layout::Current,
        Layout::Current,
        Layout::Second,
        Layout::TwentyThree,
        Layout::TwentyOne,
    ]);
    let token = sts_token::session_token(draw, layout, grant);
    let at = vocabulary::amz_date(created + time::Duration::seconds(30));
    slots.set("at", at.clone());
    slots.set("region", grant.region);
    slots.claim("token", "aws-session-token", Role::Plant, expiry_hint(expired), token);
}

const ID_NAMES: &[Names] = &[
    &[("aws access key id", "id")],
    &[("access key id", "id")],
    &[("aws access key", "id")],
    &[("s3 access key", "id")],
    &[("aws key id", "id")],
];

const ID_TEMPLATES: &[Template] = &[
    t(Host::Python, "comment", "# «ticket»: «id» was rotated on «date», «sentence»\n"),
    t(Host::Java, "comment", "// key «id» belongs to account «acct»\n"),
    t(Host::Go, "comment", "// «sentence» («id»)\n"),
    t(Host::Cpp, "block-comment", "/*\n * «sentence».\n * Old key: «id»\n */\n"),
    t(Host::Rust, "doc-comment", "/// The «noun» signs with `«id»`.\npub struct «Pascal»;\n"),
    t(Host::Yaml, "comment", "# rotated «date»: «id»\n«noun»_«num»: «num2»\n"),
    t(
        Host::Log,
        "line",
        "«iso» «level» [«noun»-«small»] access key «id» of account «acct» used from «public_ip»",
    ),
    t(
        Host::Log,
        "sigv4-header",
        "«iso» DEBUG > Authorization: AWS4-HMAC-SHA256 Credential=«id»/20250311/«region»/«service»/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=«hex64»",
    ),
    t(Host::Log, "sigv2-header", "«iso» DEBUG > Authorization: AWS «id»:«sig28»"),
    t(
        Host::Log,
        "invalid-key",
        "«date» «time» ERROR An error occurred (InvalidClientTokenId): the key «id» does not exist in our records",
    ),
    t(
        Host::Log,
        "s3-access-log",
        "«hex64» «bucket» [«date»:«time» +0000] «public_ip» arn:aws:iam::«acct»:user/«user» «id» REST.GET.OBJECT «noun»/«num».csv \"GET /«bucket»/«noun»/«num».csv HTTP/1.1\" 200 - «num2»",
    ),
    t(
        Host::JsonLog,
        "cloudtrail",
        "{\"eventVersion\":\"1.08\",\"userIdentity\":{\"type\":\"IAMUser\",\"principalId\":\"«aida»\",\"arn\":\"arn:aws:iam::«acct»:user/«user»\",\"accountId\":\"«acct»\",\"accessKeyId\":\"«id»\",\"userName\":\"«user»\"},\"eventTime\":\"«iso»\",\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"GetObject\",\"awsRegion\":\"«region»\",\"sourceIPAddress\":\"«public_ip»\",\"requestID\":\"«uuid»\"}",
    ),
    t(
        Host::Json,
        "cloudtrail-pretty",
        "\"event«num»\": {\n  \"userIdentity\": {\n    \"type\": \"IAMUser\",\n    \"principalId\": \"«aida»\",\n    \"arn\": \"arn:aws:iam::«acct»:user/«user»\",\n    \"accessKeyId\": \"«id»\"\n  },\n  \"eventName\": \"PutObject\",\n  \"eventTime\": \"«iso»\"\n},\n",
    ),
    t(
        Host::Json,
        "list-access-keys",
        "\"AccessKeyMetadata«num»\": [\n  {\n    \"UserName\": \"«user»\",\n    \"AccessKeyId\": \"«id»\",\n    \"Status\": \"Active\",\n    \"CreateDate\": \"«iso»\"\n  }\n],\n",
    ),
    t(
        Host::Shell,
        "deactivate",
        "aws iam update-access-key --user-name «user» --access-key-id «id» --status Inactive\n",
    ),
    t(Host::History, "delete", "aws iam delete-access-key --access-key-id «id» --user-name «user»"),
    t(
        Host::History,
        "sqs",
        "curl 'https://sqs.«region».amazonaws.com/«acct»/«kebab»?Action=ReceiveMessage&AWSAccessKeyId=«id»&SignatureVersion=2&SignatureMethod=HmacSHA256'",
    ),
    t(
        Host::Markdown,
        "prose",
        "The key `«id»` of «name» was found by «name2» on «date»; «sentence».\n",
    ),
    t(
        Host::Mail,
        "abuse",
        "Your AWS Access Key «id», belonging to user «user», was found online at\nhttps://«host»/«noun»/«hex40». «sentence».\n",
    ),
    t(
        Host::Slack,
        "question",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"does anyone know whose key «id» is?\",\n    \"ts\": \"«epoch».000400\"\n},\n",
    ),
    t(
        Host::Env,
        "reference-beside",
        "AWS_ACCESS_KEY_ID=«id»\nAWS_SECRET_ACCESS_KEY=${«UPPER»_SECRET}\nAWS_DEFAULT_REGION=«region»\n",
    ),
    t(
        Host::Yaml,
        "secret-ref",
        "«noun»«num»:\n  env:\n    - name: AWS_ACCESS_KEY_ID\n      value: «id»\n    - name: AWS_SECRET_ACCESS_KEY\n      valueFrom:\n        secretKeyRef:\n          name: «kebab»\n          key: secret\n",
    ),
    t(
        Host::Ini,
        "masked-beside",
        "[«noun»-«num»]\naws_access_key_id = «id»\naws_secret_access_key = ****************«small»\n",
    ),
    t(
        Host::Terraform,
        "import",
        "import {\n  to = aws_iam_access_key.«snake»\n  id = \"«id»\"\n}\n",
    ),
    t(Host::Html, "cell", "<p>Key <code>«id»</code> expires «date».</p>\n"),
    t(
        Host::Sql,
        "insert",
        "INSERT INTO keys (owner, key_id, sha) VALUES ('«user»', '«id»', '«hex40»');\n",
    ),
    t(
        Host::Xml,
        "element",
        "<accessKeyMetadata>\n  <userName>«user»</userName>\n  <accessKeyId>«id»</accessKeyId>\n</accessKeyMetadata>\n",
    ),
];

const SECRET_NAMES: &[Names] = &[
    &[("aws secret access key", "secret")],
    &[("aws secret key", "secret")],
    &[("aws secret", "secret")],
    &[("aws s3 secret", "secret")],
    &[("s3 secret", "secret")],
    &[("amazon secret", "secret")],
    &[("dbi aws secret access key", "secret")],
    &[("as3cf aws secret access key", "secret")],
    &[("s3 bucket", "bucket_name"), ("secret key", "secret")],
    &[("s3 endpoint", "place"), ("secret access key", "secret")],
    &[("aws bucket", "bucket_name"), ("secret access key", "secret")],
];

const SECRET_TEMPLATES: &[Template] = &[
    t(
        Host::Shell,
        "configure",
        "aws configure set aws_secret_access_key «secret» --profile «noun»\n",
    ),
    t(Host::History, "export", "export AWS_SECRET_ACCESS_KEY=«secret»"),
    t(Host::History, "option", "terraform apply -var aws_secret_key=«secret» -auto-approve"),
    t(
        Host::Xml,
        "hadoop",
        "<property>\n  <name>fs.s3a.secret.key</name>\n  <value>«secret»</value>\n</property>\n",
    ),
    t(Host::Shell, "hadoop-option", "hadoop jar «noun».jar -Dfs.s3a.secret.key=«secret» «noun2»\n"),
    t(
        Host::Python,
        "keyword",
        "session = boto3.Session(\n    aws_access_key_id=os.environ['AWS_ACCESS_KEY_ID'],\n    aws_secret_access_key='«secret»',\n)\n",
    ),
    t(Host::Python, "os-environ", "os.environ.setdefault('AWS_SECRET_ACCESS_KEY', '«secret»')\n"),
    t(
        Host::JavaScript,
        "fallback",
        "const awsSecret = process.env.AWS_SECRET_ACCESS_KEY || '«secret»';\n",
    ),
    t(
        Host::Go,
        "setenv",
        "func init() {\n\tos.Setenv(\"AWS_SECRET_ACCESS_KEY\", \"«secret»\")\n}\n",
    ),
    t(Host::Ruby, "fetch", "AWS_SECRET = ENV.fetch('AWS_SECRET_ACCESS_KEY', '«secret»')\n"),
    t(Host::Php, "wordpress", "define( 'AS3CF_AWS_SECRET_ACCESS_KEY', '«secret»' );\n"),
    t(
        Host::Java,
        "amazon-setter",
        "public void configure«Noun»(AmazonClient amazon) {\n    amazon.setSecretKey(\"«secret»\");\n}\n",
    ),
    t(
        Host::CSharp,
        "options",
        "var aws«Noun» = new AwsOptions { Region = \"«region»\", SecretAccessKey = \"«secret»\" };\n",
    ),
    t(
        Host::Yaml,
        "string-data",
        "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: «kebab»\nstringData:\n  aws-secret-access-key: «secret»\n---\n",
    ),
    t(
        Host::Yaml,
        "github-actions",
        "- name: «sentence»\n  uses: aws-actions/configure-aws-credentials@v4\n  with:\n    aws-access-key-id: ${{ secrets.AWS_ACCESS_KEY_ID }}\n    aws-secret-access-key: «secret»\n    aws-region: «region»\n",
    ),
    t(
        Host::Json,
        "elastic-beanstalk",
        "\"option«num»\": {\n  \"Namespace\": \"aws:elasticbeanstalk:application:environment\",\n  \"OptionName\": \"AWS_SECRET_KEY\",\n  \"Value\": \"«secret»\"\n},\n",
    ),
    t(
        Host::Json,
        "escaped-slashes",
        "\"aws«num»\": {\n  \"secretAccessKey\": \"«secret|slash»\",\n  \"region\": \"«region»\"\n},\n",
    ),
    t(
        Host::JsonLog,
        "nested",
        "{\"time\":\"«iso»\",\"level\":\"«level»\",\"msg\":\"env {\\\"AWS_SECRET_ACCESS_KEY\\\":\\\"«secret|slash|json»\\\"}\"}",
    ),
    t(Host::Terraform, "tfvars", "aws_secret_key = \"«secret»\"\naws_region     = \"«region»\"\n"),
    t(Host::Dockerfile, "arg", "ARG AWS_SECRET_ACCESS_KEY=\"«secret»\"\n"),
    t(
        Host::Mail,
        "plain",
        "The AWS secret access key is: «secret»\n(I send the id by another way.)\n",
    ),
    t(
        Host::Slack,
        "message",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"AWS_SECRET_ACCESS_KEY=«secret|slash»\",\n    \"ts\": \"«epoch».000500\"\n},\n",
    ),
    t(
        Host::Notebook,
        "cell",
        "{\n \"cell_type\": \"code\",\n \"execution_count\": «small»,\n \"metadata\": {},\n \"outputs\": [],\n \"source\": [\n  \"%env AWS_SECRET_ACCESS_KEY=«secret»\\n\",\n  \"!aws s3 ls\"\n ]\n},\n",
    ),
    t(
        Host::Log,
        "env-dump",
        "«iso» DEBUG environment: HOME=/root AWS_REGION=«region» AWS_SECRET_ACCESS_KEY=«secret» SHLVL=1",
    ),
    t(Host::Properties, "aws", "aws.region=«region»\naws.secretKey=«secret»\n"),
    t(
        Host::Rust,
        "env",
        "unsafe { std::env::set_var(\"AWS_SECRET_ACCESS_KEY\", \"«secret»\") };\n",
    ),
];

const TOKEN_NAMES: &[Names] = &[
    &[("aws session token", "token")],
    &[("aws security token", "token")],
    &[("session token", "token")],
];

const TOKEN_TEMPLATES: &[Template] = &[
    t(Host::Log, "header", "«iso» DEBUG > x-amz-security-token: «token»"),
    t(
        Host::Log,
        "capital-header",
        "«iso» DEBUG > X-Amz-Security-Token: «token»\n«iso» DEBUG > X-Amz-Date: «at»",
    ),
    t(
        Host::Log,
        "presigned",
        "«iso» «level» GET https://«bucket».s3.«region».amazonaws.com/«noun»/«num».csv?X-Amz-Date=«compact»&X-Amz-Security-Token=«token|pct»&X-Amz-Signature=… 200",
    ),
    t(
        Host::Markdown,
        "presigned",
        "Download it [here](https://«bucket».s3.«region».amazonaws.com/«noun».zip?X-Amz-Security-Token=«token|pct»&X-Amz-Expires=900).\n",
    ),
    t(
        Host::History,
        "curl-header",
        "curl -H 'X-Amz-Security-Token: «token»' -H 'X-Amz-Date: «at»' https://«bucket».s3.amazonaws.com/",
    ),
    t(Host::History, "export", "export AWS_SESSION_TOKEN=«token»"),
    t(
        Host::Json,
        "cognito",
        "\"credentials«num»\": {\n  \"SessionToken\": \"«token»\",\n  \"Expiration\": «epoch»\n},\n",
    ),
    t(
        Host::Json,
        "headers",
        "\"request«num»\": {\n  \"headers\": {\n    \"host\": \"sts.amazonaws.com\",\n    \"x-amz-security-token\": \"«token|slash»\"\n  }\n},\n",
    ),
    t(
        Host::JsonLog,
        "query",
        "{\"time\":\"«iso»\",\"level\":\"«level»\",\"url\":\"https://«bucket».s3.amazonaws.com/«noun»?X-Amz-Security-Token=«token|pct»\"}",
    ),
    t(
        Host::JsonLog,
        "cloudtrail",
        "{\"eventName\":\"GetObject\",\"requestParameters\":{\"bucketName\":\"«bucket»\",\"X-Amz-Security-Token\":\"«token»\"},\"eventTime\":\"«iso»\"}",
    ),
    t(
        Host::Html,
        "link",
        "<p><a href=\"https://«bucket».s3.«region».amazonaws.com/«noun».pdf?X-Amz-Security-Token=«token|pct»&amp;X-Amz-Expires=900\">report</a></p>\n",
    ),
    t(Host::Python, "environ", "os.environ['AWS_SESSION_TOKEN'] = '«token»'\n"),
    t(Host::JavaScript, "headers", "const headers = {\n  'x-amz-security-token': '«token»',\n};\n"),
    t(
        Host::Slack,
        "message",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"AWS_SESSION_TOKEN=«token|slash»\",\n    \"ts\": \"«epoch».000600\"\n},\n",
    ),
];
