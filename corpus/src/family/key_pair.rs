//! Access keys with their secrets, long-term and temporary.

use super::{Family, Maker, Mixing, Names, Template, expiry_hint, file, t};
use crate::{
    host::Host,
    label::Role,
    template::Slots,
    value::{
        aws_key,
        sts_token::{self, Layout},
    },
};

pub(super) static ACCESS_KEY: Family = Family {
    detector: "aws-access-key",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[],
    templates: TEMPLATES,
    names: NAMES,
    bind: bind_access_key,
};

pub(super) static TEMPORARY_KEY: Family = Family {
    detector: "aws-temporary-key",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[],
    templates: TEMPLATES,
    names: NAMES,
    bind: bind_temporary_key,
};

/// Binds `id`, `secret` and the account as `acct`.
pub(super) fn bind_access_key(maker: &mut Maker, slots: &mut Slots) {
    let draw = &mut maker.draw;
    let account = aws_key::account(draw);
    let id = if draw.chance(0.15) {
        aws_key::old_key_id(draw, "AKIA")
    } else {
        aws_key::key_id(draw, "AKIA", account)
    };
    slots.set("acct", format!("{account:012}"));
    slots.set("id", id);
    slots.plant("secret", "aws-access-key", aws_key::secret(draw));
}

fn bind_temporary_key(maker: &mut Maker, slots: &mut Slots) {
    let (created, expired) = maker.begun();
    let (id, grant) = maker.session(created);
    let draw = &mut maker.draw;
    let layout = *draw.pick(&[
        Layout::Current,
        Layout::Current,
        Layout::Current,
        Layout::Second,
        Layout::TwentyThree,
        Layout::TwentyOne,
    ]);
    slots.set("acct", format!("{:012}", grant.account));
    slots.set("id", id);
    let with_token = draw.chance(0.8);
    let hint = expiry_hint(expired && with_token);
    let secret = aws_key::secret(draw);
    slots.claim("secret", "aws-temporary-key", Role::Plant, hint, secret);
    if with_token {
        slots.set("token", sts_token::session_token(draw, layout, grant));
    }
}

const NAMES: &[Names] = &[
    &[
        ("aws access key id", "id"),
        ("aws secret access key", "secret"),
        ("aws session token", "token"),
    ],
    &[("access key id", "id"), ("secret access key", "secret"), ("session token", "token")],
    &[("aws access key", "id"), ("aws secret key", "secret"), ("aws session token", "token")],
    &[("access key", "id"), ("secret key", "secret"), ("security token", "token")],
    &[("s3 access key", "id"), ("s3 secret", "secret"), ("s3 session token", "token")],
    &[("amazon key", "id"), ("amazon secret", "secret"), ("amazon token", "token")],
    &[("aws s3 key", "id"), ("aws s3 secret", "secret"), ("aws security token", "token")],
];

const TEMPLATES: &[Template] = &[
    file(
        Host::Bare,
        "environ",
        "proc/«num»/environ",
        "PATH=/usr/bin:/bin\0AWS_ACCESS_KEY_ID=«id»\0AWS_SECRET_ACCESS_KEY=«secret»\0«?token»AWS_SESSION_TOKEN=«token»\0«/»HOME=/home/«name»\0LANG=C.UTF-8\0",
    ),
    file(
        Host::Ini,
        "credentials",
        "home/«user»/.aws/credentials",
        "[«noun»-«small»]\naws_access_key_id = «id»\naws_secret_access_key = «secret»\n«?token»aws_session_token = «token»\n«/»",
    ),
    file(
        Host::Ini,
        "aws-config",
        "home/«user»/.aws/config",
        "[profile «noun»-«small»]\nregion = «region»\noutput = json\naws_access_key_id=«id»\naws_secret_access_key=«secret»\n«?token»aws_session_token=«token»\n«/»",
    ),
    file(
        Host::Ini,
        "boto",
        "home/«user»/.boto",
        "[Credentials]\naws_access_key_id = «id»\naws_secret_access_key = «secret»\n«?token»aws_security_token = «token»\n«/»\n[Boto]\ndebug = 0\nnum_retries = «small»\n",
    ),
    file(
        Host::Ini,
        "s3cfg",
        "home/«user»/.s3cfg",
        "[default]\naccess_key = «id»\naccess_token = «?token»«token»«/»\nadd_encoding_exts =\nadd_headers =\nbucket_location = «region»\ncheck_ssl_certificate = True\ngpg_command = /usr/bin/gpg\nhost_base = s3.amazonaws.com\nhost_bucket = %(bucket)s.s3.amazonaws.com\nmultipart_chunk_size_mb = 15\nsecret_key = «secret»\nsend_chunk = 65536\n",
    ),
    file(
        Host::Ini,
        "rclone",
        "home/«user»/.config/rclone/rclone.conf",
        "[«noun»«small»]\ntype = s3\nprovider = AWS\nenv_auth = false\naccess_key_id = «id»\nsecret_access_key = «secret»\n«?token»session_token = «token»\n«/»region = «region»\nacl = private\n",
    ),
    file(
        Host::Bare,
        "access-keys-csv",
        "Downloads/«user»_accessKeys.csv",
        "Access key ID,Secret access key\n«id»,«secret»",
    ),
    file(
        Host::Bare,
        "credentials-csv-keys",
        "Downloads/credentials-«num».csv",
        "User Name,Access Key Id,Secret Access Key\n\"«user»\",«id»,«secret»",
    ),
    file(
        Host::Bare,
        "rootkey-csv",
        "Downloads/rootkey.csv",
        "AWSAccessKeyId=«id»\nAWSSecretKey=«secret»",
    ),
    file(
        Host::Bare,
        "sts-json",
        "home/«user»/.aws/cli/cache/«hex40».json",
        "{\n    \"Credentials\": {\n        \"AccessKeyId\": \"«id»\",\n        \"SecretAccessKey\": \"«secret»\",\n«?token»        \"SessionToken\": \"«token»\",\n«/»        \"Expiration\": \"«iso»\"\n    },\n    \"AssumedRoleUser\": {\n        \"AssumedRoleId\": \"«aroa»:«kebab»\",\n        \"Arn\": \"arn:aws:sts::«acct»:assumed-role/«kebab2»/«kebab»\"\n    }\n}",
    ),
    t(
        Host::Log,
        "cli-output",
        "+ aws sts assume-role --role-arn arn:aws:iam::«acct»:role/«kebab» --role-session-name ci\n{\n    \"Credentials\": {\n        \"AccessKeyId\": \"«id»\",\n        \"SecretAccessKey\": \"«secret»\",\n«?token»        \"SessionToken\": \"«token»\",\n«/»        \"Expiration\": \"«iso»\"\n    }\n}",
    ),
    t(
        Host::Json,
        "imds",
        "\"imds«num»\": {\n  \"Code\" : \"Success\",\n  \"LastUpdated\" : \"«iso»\",\n  \"Type\" : \"AWS-HMAC\",\n  \"AccessKeyId\" : \"«id»\",\n  \"SecretAccessKey\" : \"«secret»\",\n«?token»  \"Token\" : \"«token»\",\n«/»  \"Expiration\" : \"«iso2»\"\n},\n",
    ),
    t(
        Host::Json,
        "create-access-key",
        "\"AccessKey«num»\": {\n  \"UserName\": \"«user»\",\n  \"AccessKeyId\": \"«id»\",\n  \"Status\": \"Active\",\n  \"SecretAccessKey\": \"«secret|slash»\",\n«?token»  \"SessionToken\": \"«token|slash»\",\n«/»  \"CreateDate\": \"«iso»\"\n},\n",
    ),
    t(
        Host::Json,
        "cloudformation-outputs",
        "\"Stack«num»\": {\n  \"Outputs\": [\n    {\n      \"OutputKey\": \"AccessKeyId\",\n      \"OutputValue\": \"«id»\"\n    },\n    {\n      \"OutputKey\": \"SecretAccessKey\",\n      \"OutputValue\": \"«secret»\"\n    }\n  ]\n},\n",
    ),
    t(
        Host::Json,
        "tfstate",
        "\"resource«num»\": {\n  \"mode\": \"managed\",\n  \"type\": \"aws_iam_access_key\",\n  \"name\": \"«snake»\",\n  \"provider\": \"provider[\\\"registry.terraform.io/hashicorp/aws\\\"]\",\n  \"instances\": [\n    {\n      \"schema_version\": 0,\n      \"attributes\": {\n        \"create_date\": \"«iso»\",\n        \"encrypted_secret\": null,\n        \"id\": \"«id»\",\n        \"key_fingerprint\": null,\n        \"pgp_key\": null,\n        \"secret\": \"«secret»\",\n        \"status\": \"Active\",\n        \"user\": \"«user»\"\n      },\n      \"sensitive_attributes\": []\n    }\n  ]\n},\n",
    ),
    t(
        Host::Terraform,
        "provider",
        "provider \"aws\" {\n  region     = \"«region»\"\n  access_key = \"«id»\"\n  secret_key = \"«secret»\"\n«?token»  token      = \"«token»\"\n«/»}\n",
    ),
    t(
        Host::Terraform,
        "user-data",
        "resource \"aws_instance\" \"«snake»\" {\n  ami           = \"ami-0c55b159cbfafe1f0\"\n  instance_type = \"t3.small\"\n  user_data     = <<-EOF\n    #!/bin/bash\n    aws configure set aws_access_key_id «id»\n    aws configure set aws_secret_access_key «secret»\n«?token»    aws configure set aws_session_token «token»\n«/»    systemctl start «noun»\n  EOF\n}\n",
    ),
    t(
        Host::Yaml,
        "compose",
        "«snake»«num»:\n  image: «company»/«noun»:«version»\n  environment:\n    - AWS_ACCESS_KEY_ID=«id»\n    - AWS_SECRET_ACCESS_KEY=«secret»\n«?token»    - AWS_SESSION_TOKEN=«token»\n«/»    - AWS_DEFAULT_REGION=«region»\n  ports:\n    - \"«port»:80\"\n",
    ),
    t(
        Host::Yaml,
        "string-data",
        "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: «kebab»\n  namespace: «noun»\ntype: Opaque\nstringData:\n  AWS_ACCESS_KEY_ID: «id»\n  AWS_SECRET_ACCESS_KEY: «secret»\n«?token»  AWS_SESSION_TOKEN: \"«token»\"\n«/»---\n",
    ),
    t(
        Host::Yaml,
        "ansible",
        "- name: «sentence»\n  amazon.aws.s3_object:\n    bucket: «bucket»\n    mode: put\n    access_key: «id»\n    secret_key: «secret»\n«?token»    session_token: \"«token»\"\n«/»    src: /srv/«noun»\n",
    ),
    t(
        Host::Yaml,
        "circleci",
        "«noun»«num»:\n  environment:\n    AWS_ACCESS_KEY_ID: \"«id»\"\n    AWS_SECRET_ACCESS_KEY: \"«secret»\"\n«?token»    AWS_SESSION_TOKEN: \"«token»\"\n«/»  steps:\n    - run: make «verb»\n",
    ),
    t(
        Host::Xml,
        "hadoop",
        "<property>\n  <name>fs.s3a.access.key</name>\n  <value>«id»</value>\n</property>\n<property>\n  <name>fs.s3a.secret.key</name>\n  <value>«secret»</value>\n</property>\n«?token»<property>\n  <name>fs.s3a.session.token</name>\n  <value>«token»</value>\n</property>\n«/»",
    ),
    t(
        Host::Xml,
        "hadoop-s3n",
        "<property>\n  <name>fs.s3n.awsAccessKeyId</name>\n  <value>«id»</value>\n</property>\n<property>\n  <name>fs.s3n.awsSecretAccessKey</name>\n  <value>«secret»</value>\n</property>\n",
    ),
    t(
        Host::Xml,
        "maven-server",
        "<server>\n  <id>«kebab»</id>\n  <username>«id»</username>\n  <passphrase>«secret»</passphrase>\n</server>\n",
    ),
    t(
        Host::Xml,
        "web-config",
        "<appSettings>\n  <add key=\"AWSAccessKey\" value=\"«id»\" />\n  <add key=\"AWSSecretKey\" value=\"«secret»\" />\n  <add key=\"AWSRegion\" value=\"«region»\" />\n</appSettings>\n",
    ),
    t(
        Host::Html,
        "table",
        "<table class=\"«kebab»\">\n  <tr><th>User</th><th>Access key ID</th><th>Secret access key</th></tr>\n  <tr><td>«user»</td><td>«id»</td><td>«secret»</td></tr>\n</table>\n",
    ),
    t(
        Host::Shell,
        "s3a-uri",
        "hadoop distcp \"s3a://«id»:«secret|pct»@«bucket»/«noun»/\" hdfs:///«noun2»/\n",
    ),
    t(
        Host::Python,
        "s3a-uri",
        "df = spark.read.parquet('s3a://«id»:«secret|pct»@«bucket»/«noun»/«date»')\n",
    ),
    t(Host::History, "s3n-uri", "hadoop fs -ls s3n://«id»:«secret|pct»@«bucket»/"),
    t(
        Host::Shell,
        "hadoop-options",
        "spark-submit \\\n  -Dfs.s3a.access.key=«id» \\\n  -Dfs.s3a.secret.key=«secret» \\\n«?token»  -Dfs.s3a.session.token=«token» \\\n«/»  --class com.«company».«Pascal» «noun».jar\n",
    ),
    t(
        Host::Shell,
        "configure",
        "aws configure set aws_access_key_id «id» --profile «noun»\naws configure set aws_secret_access_key «secret» --profile «noun»\n«?token»aws configure set aws_session_token «token» --profile «noun»\n«/»",
    ),
    t(
        Host::History,
        "configure",
        "aws configure set aws_access_key_id «id»\naws configure set aws_secret_access_key «secret»\n«?token»aws configure set aws_session_token «token»\n«/»aws s3 sync . s3://«bucket»/",
    ),
    t(
        Host::History,
        "one-line",
        "AWS_ACCESS_KEY_ID=«id» AWS_SECRET_ACCESS_KEY=«secret» «?token»AWS_SESSION_TOKEN=«token» «/»aws s3 cp «noun».tar s3://«bucket»/",
    ),
    t(
        Host::History,
        "docker-run",
        "docker run -e AWS_ACCESS_KEY_ID=«id» -e AWS_SECRET_ACCESS_KEY=«secret» «?token»-e AWS_SESSION_TOKEN=«token» «/»«company»/«noun»:«version»",
    ),
    t(Host::History, "s3fs", "echo «id»:«secret» > ~/.passwd-s3fs && chmod 600 ~/.passwd-s3fs"),
    t(
        Host::PowerShell,
        "set-credential",
        "Set-AWSCredential -AccessKey «id» -SecretKey «secret» «?token»-SessionToken «token» «/»-StoreAs «noun»\n",
    ),
    t(
        Host::PowerShell,
        "batch",
        "set AWS_ACCESS_KEY_ID=«id»\nset AWS_SECRET_ACCESS_KEY=«secret»\n«?token»set AWS_SESSION_TOKEN=«token»\n«/»set AWS_DEFAULT_REGION=«region»\n",
    ),
    t(
        Host::Dockerfile,
        "env",
        "ENV AWS_ACCESS_KEY_ID=«id» \\\n    AWS_SECRET_ACCESS_KEY=«secret» \\\n«?token»    AWS_SESSION_TOKEN=«token» \\\n«/»    AWS_DEFAULT_REGION=«region»\n",
    ),
    t(
        Host::Python,
        "boto3-client",
        "client = boto3.client(\n    's3',\n    aws_access_key_id='«id»',\n    aws_secret_access_key='«secret»',\n«?token»    aws_session_token='«token»',\n«/»    region_name='«region»',\n)\n",
    ),
    t(
        Host::Python,
        "boto-connect",
        "conn = boto.connect_s3('«id»', '«secret»')\nbucket = conn.get_bucket('«bucket»')\n",
    ),
    t(
        Host::Python,
        "pandas-options",
        "«noun» = pd.read_csv(\n    's3://«bucket»/«noun2».csv',\n    storage_options={'key': '«id»', 'secret': '«secret»'},\n)\n",
    ),
    t(
        Host::JavaScript,
        "config-update",
        "AWS.config.update({\n  accessKeyId: '«id»',\n  secretAccessKey: '«secret»',\n«?token»  sessionToken: '«token»',\n«/»  region: '«region»',\n});\n",
    ),
    t(
        Host::JavaScript,
        "credentials",
        "const s3 = new AWS.S3({ credentials: new AWS.Credentials(\"«id»\", \"«secret»\"«?token», \"«token»\"«/») });\n",
    ),
    t(
        Host::TypeScript,
        "client",
        "const client = new S3Client({\n  region: '«region»',\n  credentials: { accessKeyId: '«id»', secretAccessKey: '«secret»'«?token», sessionToken: '«token»'«/» },\n});\n",
    ),
    t(
        Host::Go,
        "static-credentials",
        "func «camel»Session() *session.Session {\n\tcreds := credentials.NewStaticCredentials(\"«id»\", \"«secret»\", \"«?token»«token»«/»\")\n\treturn session.Must(session.NewSession(&aws.Config{Credentials: creds}))\n}\n",
    ),
    t(
        Host::Java,
        "basic-credentials",
        "private AmazonS3 «camel»() {\n    BasicAWSCredentials creds = new BasicAWSCredentials(\"«id»\", \"«secret»\");\n    return AmazonS3ClientBuilder.standard().withCredentials(new AWSStaticCredentialsProvider(creds)).build();\n}\n",
    ),
    t(
        Host::Java,
        "session-credentials",
        "private static final AWSCredentials «UPPER»_CREDENTIALS = new «?token»BasicSessionCredentials«/»«!token»BasicAWSCredentials«/»(\n    \"«id»\",\n    \"«secret»\"«?token»,\n    \"«token»\"«/»);\n",
    ),
    t(
        Host::Kotlin,
        "static-provider",
        "private val «noun»Client = S3Client {\n    region = \"«region»\"\n    credentialsProvider = StaticCredentialsProvider {\n        accessKeyId = \"«id»\"\n        secretAccessKey = \"«secret»\"\n«?token»        sessionToken = \"«token»\"\n«/»    }\n}\n",
    ),
    t(
        Host::CSharp,
        "basic-credentials",
        "private readonly IAmazonS3 _«noun»Client = new AmazonS3Client(\"«id»\", \"«secret»\", «?token»\"«token»\", «/»RegionEndpoint.USEast1);\n",
    ),
    t(
        Host::CSharp,
        "credentials-object",
        "var credentials«Noun» = new BasicAWSCredentials(\n    accessKey: \"«id»\",\n    secretKey: \"«secret»\");\n",
    ),
    t(
        Host::Ruby,
        "credentials",
        "Aws.config.update(\n  region: '«region»',\n  credentials: Aws::Credentials.new('«id»', '«secret»'«?token», '«token»'«/»)\n)\n",
    ),
    t(
        Host::Ruby,
        "fog",
        "CarrierWave.configure do |config|\n  config.fog_credentials = {\n    provider: 'AWS',\n    aws_access_key_id: '«id»',\n    aws_secret_access_key: '«secret»',\n    region: '«region»'\n  }\nend\n",
    ),
    t(
        Host::Php,
        "client",
        "$«noun»Client = new S3Client([\n    'version' => 'latest',\n    'region'  => '«region»',\n    'credentials' => [\n        'key'    => '«id»',\n        'secret' => '«secret»',\n«?token»        'token'  => '«token»',\n«/»    ],\n]);\n",
    ),
    t(Host::Php, "positional", "$«noun» = new AmazonS3('«id»', '«secret»');\n"),
    t(
        Host::Rust,
        "credentials-new",
        "fn «snake»() -> Credentials {\n    Credentials::new(\n        \"«id»\",\n        \"«secret»\",\n        «?token»Some(\"«token»\".into())«/»«!token»None«/»,\n        None,\n        \"«noun»\",\n    )\n}\n",
    ),
    t(
        Host::Cpp,
        "aws-credentials",
        "Aws::Auth::AWSCredentials «noun»Credentials(\"«id»\", \"«secret»\"«?token», \"«token»\"«/»);\n",
    ),
    t(
        Host::Cpp,
        "defines",
        "#define «NOUN»_ACCESS_KEY_ID     \"«id»\"\n#define «NOUN»_SECRET_ACCESS_KEY \"«secret»\"\n",
    ),
    t(
        Host::Properties,
        "spring-cloud",
        "cloud.aws.credentials.access-key=«id»\ncloud.aws.credentials.secret-key=«secret»\n«?token»cloud.aws.credentials.session-token=«token»\n«/»cloud.aws.region.static=«region»\n",
    ),
    t(
        Host::Properties,
        "jets3t",
        "# «sentence»\naccessKey=«id»\nsecretKey=«secret»\ns3.endpoint=s3.«region».amazonaws.com\n",
    ),
    t(
        Host::JsonLog,
        "nested",
        "{\"time\":\"«iso»\",\"level\":\"«level»\",\"msg\":\"config {\\\"accessKeyId\\\":\\\"«id»\\\",\\\"secretAccessKey\\\":\\\"«secret|slash|json»\\\"«?token»,\\\"sessionToken\\\":\\\"«token|slash|json»\\\"«/»}\"}",
    ),
    t(
        Host::JsonLog,
        "assume-role",
        "{\"time\":\"«iso»\",\"level\":\"DEBUG\",\"event\":{\"Credentials\":{\"AccessKeyId\":\"«id»\",\"SecretAccessKey\":\"«secret»\",«?token»\"SessionToken\":\"«token»\",«/»\"Expiration\":\"«iso2»\"}}}",
    ),
    t(
        Host::Log,
        "debug",
        "«iso» DEBUG botocore.credentials: found access_key=«id» secret_key=«secret»«?token» token=«token»«/» in environment",
    ),
    t(
        Host::Log,
        "java",
        "«date» «time» DEBUG [main] AWSCredentials{accessKeyId='«id»', secretKey='«secret»'«?token», sessionToken='«token»'«/»}",
    ),
    t(
        Host::Mail,
        "plain",
        "Your new key for the «noun» account «acct»:\n\n  Access key ID: «id»\n  Secret access key: «secret»\n\nPlease do not forward this.\n",
    ),
    t(
        Host::Mail,
        "credentials-quoted",
        "> here are the keys\n> AWS_ACCESS_KEY_ID=«id»\n> AWS_SECRET_ACCESS_KEY=«secret»\n",
    ),
    t(
        Host::Slack,
        "message",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"here you go: access key «id» and secret «secret|json» for «env»\",\n    \"ts\": \"«epoch».000300\"\n},\n",
    ),
    t(
        Host::Slack,
        "code-block",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"```aws_access_key_id = «id»\\naws_secret_access_key = «secret|slash»\\n«?token»aws_session_token = «token|slash»\\n«/»```\",\n    \"ts\": \"«epoch».000300\"\n},\n",
    ),
    t(
        Host::Notebook,
        "cell",
        "{\n \"cell_type\": \"code\",\n \"execution_count\": «small»,\n \"metadata\": {},\n \"outputs\": [],\n \"source\": [\n  \"import boto3\\n\",\n  \"AWS_KEY = '«id»'\\n\",\n  \"AWS_SECRET = '«secret»'\\n\",\n  \"s3 = boto3.resource('s3', aws_access_key_id=AWS_KEY, aws_secret_access_key=AWS_SECRET)\"\n ]\n},\n",
    ),
    t(
        Host::Sql,
        "copy-redshift",
        "COPY «noun» FROM 's3://«bucket»/«noun2»'\nCREDENTIALS 'aws_access_key_id=«id»;aws_secret_access_key=«secret»«?token»;token=«token»«/»'\nDELIMITER ',' GZIP;\n",
    ),
    t(
        Host::Sql,
        "snowflake-stage",
        "CREATE STAGE «noun»_stage URL='s3://«bucket»/'\n  CREDENTIALS=(AWS_KEY_ID='«id»' AWS_SECRET_KEY='«secret»'«?token» AWS_TOKEN='«token»'«/»);\n",
    ),
    t(
        Host::Markdown,
        "list",
        "* user: «user»\n* access key id: `«id»`\n* secret access key: `«secret»`\n",
    ),
    t(
        Host::Env,
        "commented",
        "# «sentence»\nAWS_ACCESS_KEY_ID=«id»\nAWS_SECRET_ACCESS_KEY=«secret»\n«?token»AWS_SESSION_TOKEN=«token»\n«/»AWS_REGION=«region»\nS3_BUCKET=«bucket»\n",
    ),
    t(
        Host::Toml,
        "profile",
        "[storage.«noun»«num»]\nbackend = \"s3\"\nbucket = \"«bucket»\"\naccess_key_id = \"«id»\"\nsecret_access_key = \"«secret»\"\n«?token»session_token = \"«token»\"\n«/»",
    ),
];
