//! What must not be reported: the look-alikes of §1.10 and §1.11 in the
//! containers of the real thing.

mod database;

use crate::{
    draw::Draw,
    family::{Maker, Names, Template, file, t},
    host::Host,
    marked::Marked,
    template::{self, Slots},
    value::pem,
};

/// Names with innocent values; the slots are words of the vocabulary.
const NAMED: &[Names] = &[
    &[("aws access key id", "doc_id"), ("aws secret access key", "doc_secret")],
    &[("access key", "doc_id"), ("secret key", "placeholder")],
    &[("aws access key id", "doc_account_id")],
    &[("aws access key id", "decimal_id"), ("aws secret access key", "placeholder")],
    &[("aws access key id", "impossible_id")],
    &[("access key id", "impossible_temporary_id")],
    &[("aws secret access key", "placeholder")],
    &[("aws secret access key", "reference")],
    &[("secret key", "reference")],
    &[("aws secret key", "hex40")],
    &[("secret key sha", "hex40")],
    &[("git commit", "hex40")],
    &[("aws session token", "doc_session_token")],
    &[("aws secret provider", "camel40")],
    &[("s3 secret path", "path40")],
    &[("secret handler", "camel40")],
    &[("integrity", "sri1")],
    &[("integrity", "sri256")],
    &[("integrity", "sri384")],
    &[("integrity", "sri512")],
    &[("checksum", "hex64")],
    &[("content md5", "hex32")],
    &[("request id", "uuid")],
    &[("aws user id", "aida")],
    &[("role id", "aroa")],
    &[("id token", "jwt")],
    &[("alibaba access key id", "ltai")],
    &[("logical id", "logical_id")],
    &[("thumbnail", "akia_blob")],
    &[("encrypted secret", "sops")],
    &[("sealed value", "sealed")],
    &[("image", "png")],
    &[("blob", "blob")],
    &[("db user", "noun"), ("db password", "reference")],
    &[("database password hash", "hex64")],
];

/// Names with values that only their name tells from a secret; these keep
/// away from key ids.
const OPAQUE: &[Names] =
    &[&[("x api key", "alnum40")], &[("api gateway key", "alnum40")], &[("etag", "alnum40")]];

/// Containers of their own. `«cert»` and `«public»` are bound.
const TEMPLATES: &[Template] = &[
    t(Host::Env, "uri-placeholder", "«UPPER»_URL=postgres://user:password@localhost:5432/«noun»\n"),
    t(
        Host::Yaml,
        "uri-reference",
        "«noun»«num»_url: postgresql://${DB_USER}:${DB_PASS}@${DB_HOST}:5432/«noun»\n",
    ),
    t(Host::Yaml, "uri-service", "«noun»«num»_broker: amqp://guest:guest@rabbitmq:5672//\n"),
    t(Host::Python, "uri-format", "url = f\"mysql+pymysql://{user}:{password}@{host}/«noun»\"\n"),
    t(Host::Python, "uri-percent", "url = 'redis://:%s@%s:%d/0' % (password, host, port)\n"),
    t(Host::Ruby, "uri-interpolated", "«snake» = \"postgres://#{user}:#{pass}@#{host}/«noun»\"\n"),
    t(
        Host::Php,
        "uri-joined",
        "$«camel» = \"mysql://\" . $user . \":\" . $pass . \"@\" . $host;\n",
    ),
    t(
        Host::JavaScript,
        "uri-public",
        "const «camel» = fetch('https://«domain»/@«name»?u=a:b@c');\n",
    ),
    t(
        Host::Markdown,
        "uri-scheme",
        "Give `redis://`, `mysql://user@host/db` or http://localhost:9200/ there.\n",
    ),
    t(
        Host::Markdown,
        "uri-documentation",
        "Example: `mongodb://«name»:«noun»@db.example.com:27017/«noun»`\n",
    ),
    t(Host::Log, "uri-masked", "«iso» INFO connected to postgres://«name»:***@«host»:5432/«noun»"),
    t(Host::Shell, "uri-git", "git clone ssh://git@«domain»:22/«noun».git\n"),
    t(Host::Html, "uri-links", "<a href=\"https://«domain»/«noun»?mail=«email»\">«noun»</a>\n"),
    t(
        Host::Json,
        "package-lock",
        "\"node_modules/«kebab»-«num»\": {\n  \"version\": \"«version»\",\n  \"resolved\": \"https://registry.npmjs.org/«kebab»/-/«kebab»-«version».tgz\",\n  \"integrity\": \"«sri512»\",\n  \"dev\": true\n},\n",
    ),
    t(Host::Json, "certificate", "\"tls«num»\": {\n  \"certificate\": \"«cert|json»\\n\"\n},\n"),
    t(
        Host::Json,
        "source-map",
        "\"map«num»\": {\n  \"version\": 3,\n  \"file\": \"«kebab».min.js\",\n  \"mappings\": \"«mappings»\"\n},\n",
    ),
    t(
        Host::Json,
        "cloudformation",
        "\"«logical_id»\": {\n  \"Type\": \"AWS::IAM::AccessKey\",\n  \"Properties\": { \"UserName\": { \"Ref\": \"«logical_id2»\" } },\n  \"DeletionPolicy\": \"«Noun»\"\n},\n",
    ),
    // URLs of clouds: templates, masks, documentation, unsigned ones, other services'
    // signatures.
    t(
        Host::Markdown,
        "sas-template",
        "https://<account>.blob.core.windows.net/<container>?sv=2022-11-02&ss=b&srt=sco&sp=r&se=2026-01-01&sig=<signature>\n",
    ),
    t(
        Host::Markdown,
        "sas-documentation",
        "`https://myaccount.blob.core.windows.net/pictures/«noun».jpg?sv=2015-04-05&st=2015-04-29T22%3A18%3A26Z&se=2015-04-30T02%3A23%3A26Z&sr=b&sp=rw&sig=Z%2FRHIX5Xcg0Mq2rqI3OlWTjEg2tYkboXr1P9ZUXDtkk%3D`\n",
    ),
    t(
        Host::Log,
        "sas-masked",
        "«iso» «level» GET https://«noun»7k.blob.core.windows.net/«kebab»/«noun2».bin?sv=2022-11-02&sr=b&sp=r&se=2026-03-01T00%3A00%3A00Z&sig=REDACTED",
    ),
    t(
        Host::Log,
        "gcs-masked",
        "«iso» «level» GET https://storage.googleapis.com/«bucket»/«noun».bin?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=«user»%40«kebab»-41.iam.gserviceaccount.com%2F20251201%2Fauto%2Fstorage%2Fgoog4_request&X-Goog-Date=20251201T000000Z&X-Goog-Expires=900&X-Goog-SignedHeaders=host&X-Goog-Signature=***",
    ),
    t(
        Host::Log,
        "webhook-signature",
        "«iso» «level» POST /hook?sig=«hex64»&expires=«epoch»&token=«hex32»",
    ),
    t(
        Host::Log,
        "unsigned-asset",
        "«iso» «level» GET https://«bucket».s3.amazonaws.com/assets/«noun».png",
    ),
    t(
        Host::Html,
        "firebase-public",
        "<img src=\"https://firebasestorage.googleapis.com/v0/b/«kebab».appspot.com/o/«noun».png?alt=media\">\n",
    ),
    t(
        Host::Html,
        "cdn-image",
        "<img src=\"https://«kebab».b-cdn.net/«noun».webp?width=«num»&quality=«small»\">\n",
    ),
    t(
        Host::Env,
        "sas-reference",
        "AZURE_STORAGE_SAS_TOKEN=?sv=2022-11-02&ss=b&srt=o&sp=r&se=${EXPIRY}&sig=${SIGNATURE}\n",
    ),
    t(
        Host::Python,
        "sas-format",
        "url = f\"https://{account}.blob.core.windows.net/{container}/{blob}?{sas}\"\n",
    ),
    t(
        Host::Php,
        "signature-query",
        "$query = \"Action=«Verb»&AccessKeyId=$id&Expires=$expires&Signature=\" . urlencode($signature);\n",
    ),
    t(
        Host::Yaml,
        "oss-masked",
        "«snake»«num»:\n  url: https://«bucket».oss-cn-hangzhou.aliyuncs.com/«noun».zip?OSSAccessKeyId=LTAI****************&Expires=«epoch»&Signature=****************************\n",
    ),
    t(Host::Html, "data-uri", "<img alt=\"«noun»\" src=\"data:image/png;base64,«png»\">\n"),
    t(
        Host::Html,
        "sri",
        "<script src=\"https://cdn.«domain»/«kebab».js\" integrity=\"«sri384»\" crossorigin=\"anonymous\"></script>\n",
    ),
    t(Host::Html, "minified", "<script>«minified»</script>\n"),
    t(Host::JavaScript, "minified", "«minified»\n"),
    t(Host::JavaScript, "source-map", "//# sourceMappingURL=data:application/json;base64,«blob»\n"),
    t(
        Host::JavaScript,
        "pem-label",
        "if (line.trim() === '-----BEGIN RSA PRIVATE KEY-----') {\n  inKey = true;\n}\n",
    ),
    t(
        Host::TypeScript,
        "pem-template",
        "const pem = `-----BEGIN PRIVATE KEY-----\\n${body}\\n-----END PRIVATE KEY-----`;\n",
    ),
    t(
        Host::TypeScript,
        "environment",
        "const secretAccessKey = process.env.AWS_SECRET_ACCESS_KEY ?? '';\n",
    ),
    t(
        Host::Python,
        "pem-label",
        "if line == \"-----BEGIN RSA PRIVATE KEY-----\":\n    key_lines = []\nelif line == \"-----END RSA PRIVATE KEY-----\":\n    break\n",
    ),
    t(
        Host::Python,
        "putty-label",
        "if text.startswith('PuTTY-User-Key-File-2: '):\n    kind = 'putty'\n",
    ),
    t(
        Host::Python,
        "getenv",
        "aws_secret_access_key = os.getenv(\"AWS_SECRET_ACCESS_KEY\", \"\")\n",
    ),
    t(Host::Python, "id-regex", "KEY_ID = re.compile(r'(?:AKIA|ASIA)[A-Z2-7]{16}')\n"),
    t(Host::Python, "pem-cut", "SAMPLE = \"\"\"\n«pem_elided»\n\"\"\"\n"),
    t(
        Host::Go,
        "pem-type",
        "if block == nil || block.Type != \"RSA PRIVATE KEY\" {\n\treturn errors.New(\"no -----BEGIN RSA PRIVATE KEY----- found\")\n}\n",
    ),
    t(Host::Go, "certificate", "const «camel»Cert = `«cert»`\n"),
    t(
        Host::Java,
        "constant",
        "private static final String AWS_SECRET_KEY_PROPERTY = \"aws.secretAccessKeyConfigurationName\";\n",
    ),
    t(
        Host::Java,
        "pem-header",
        "private static final String HEADER = \"-----BEGIN PRIVATE KEY-----\";\nprivate static final String FOOTER = \"-----END PRIVATE KEY-----\";\n",
    ),
    t(Host::Rust, "pem-header", "const BEGIN: &str = \"-----BEGIN OPENSSH PRIVATE KEY-----\";\n"),
    t(
        Host::Rust,
        "pgp-header",
        "const ARMOUR: &str = \"-----BEGIN PGP PRIVATE KEY BLOCK-----\";\n",
    ),
    t(Host::Cpp, "hash", "static const char kBuildRevision[] = \"«hex40»\";\n"),
    t(
        Host::CSharp,
        "token",
        "[assembly: InternalsVisibleTo(\"«Pascal», PublicKey=«hex64»«hex642»\")]\n",
    ),
    t(Host::Ruby, "gem-lock", "# «kebab» («version») sha256=«hex64»\n"),
    t(Host::Php, "composer", "// \"reference\": \"«hex40»\", \"shasum\": \"«hex402»\"\n"),
    t(
        Host::Kotlin,
        "environment",
        "private val awsSecretAccessKey = System.getenv(\"AWS_SECRET_ACCESS_KEY\")\n",
    ),
    t(Host::Yaml, "certificate", "«noun»«num»:\n  tls.crt: |\n    «cert|in4»\n"),
    t(Host::Yaml, "public-key", "«noun»«num»:\n  jwt_public_key: |\n    «public|in4»\n"),
    t(Host::Yaml, "elided-key", "«noun»«num»:\n  private_key: |\n    «pem_elided|in4»\n"),
    t(Host::Yaml, "dotted-key", "«noun»«num»:\n  private_key: |\n    «pem_dots|in4»\n"),
    t(
        Host::Yaml,
        "ansible-vault",
        "«snake»«num»: !vault |\n          $ANSIBLE_VAULT;1.1;AES256\n          «vault_lines»\n",
    ),
    t(
        Host::Yaml,
        "sops",
        "«noun»«num»:\n  aws_secret_access_key: «sops»\n  aws_access_key_id: «sops2»\n",
    ),
    t(
        Host::Yaml,
        "sealed-secret",
        "---\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: «kebab»\nspec:\n  encryptedData:\n    AWS_SECRET_ACCESS_KEY: «sealed»\n---\n",
    ),
    t(
        Host::Yaml,
        "helm-values",
        "«noun»«num»:\n  accessKey: \"{{ .Values.accessKey }}\"\n  secretKey: \"{{ .Values.secretKey | b64enc }}\"\n",
    ),
    t(
        Host::Yaml,
        "actions-secrets",
        "«noun»«num»:\n  env:\n    AWS_ACCESS_KEY_ID: ${{ secrets.AWS_ACCESS_KEY_ID }}\n    AWS_SECRET_ACCESS_KEY: ${{ secrets.AWS_SECRET_ACCESS_KEY }}\n",
    ),
    t(
        Host::Terraform,
        "variables",
        "provider \"aws\" {\n  alias      = \"«noun»«num»\"\n  access_key = var.access_key\n  secret_key = var.secret_key\n}\n",
    ),
    t(
        Host::Terraform,
        "lock",
        "provider \"registry.terraform.io/hashicorp/«noun»\" {\n  version = \"«version»\"\n  hashes = [\n    \"«go1»\",\n    \"zh:«hex64»\",\n  ]\n}\n",
    ),
    t(
        Host::Shell,
        "read",
        "read -rsp 'AWS secret access key: ' AWS_SECRET_ACCESS_KEY\nexport AWS_SECRET_ACCESS_KEY\n",
    ),
    t(
        Host::Shell,
        "from-manager",
        "AWS_SECRET_ACCESS_KEY=$(aws secretsmanager get-secret-value --secret-id «kebab» --query SecretString)\n",
    ),
    t(Host::Shell, "pem-grep", "grep -rl -- '-----BEGIN RSA PRIVATE KEY-----' /etc/ssl || true\n"),
    t(Host::Shell, "checksum", "echo '«hex64»  «kebab».tar.gz' | sha256sum -c -\n"),
    t(
        Host::Dockerfile,
        "argument",
        "ARG AWS_ACCESS_KEY_ID\nARG AWS_SECRET_ACCESS_KEY\nRUN echo \"«hex64»  /tmp/«noun».tgz\" | sha256sum -c\n",
    ),
    t(
        Host::Markdown,
        "documentation",
        "```\nAWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nAWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n```\n",
    ),
    t(Host::Markdown, "key-sample", "```\n«pem_words»\n```\n"),
    t(
        Host::Markdown,
        "badge",
        "[![build](https://ci.«domain»/«hex40».svg)](https://ci.«domain»/«kebab»)\n",
    ),
    t(Host::Log, "masked", "«iso» «level» AWS_ACCESS_KEY_ID=*** AWS_SECRET_ACCESS_KEY=***"),
    t(Host::Log, "digest", "«iso» «level» pulled «company»/«noun»@sha256:«hex64»"),
    t(Host::Log, "assumed-role", "«iso» «level» caller «aroa»:«kebab» ok, etag «hex32»"),
    t(Host::Log, "cut-key", "«iso» DEBUG read -----BEGIN RSA PRIVATE KEY-----"),
    t(
        Host::JsonLog,
        "role",
        "{\"time\":\"«iso»\",\"userIdentity\":{\"type\":\"AssumedRole\",\"principalId\":\"«aroa»:«kebab»\"},\"sha\":\"«hex40»\"}",
    ),
    t(
        Host::JsonLog,
        "jwt",
        "{\"time\":\"«iso»\",\"level\":\"«level»\",\"authorization\":\"Bearer «jwt»\"}",
    ),
    t(Host::Mail, "redacted-key", "«pem_redacted»\n"),
    t(
        Host::Mail,
        "attachment",
        "--=_«hex32»\nContent-Type: image/png; name=\"«noun».png\"\nContent-Transfer-Encoding: base64\n\n«blob_lines»\n--=_«hex32»--\n",
    ),
    t(
        Host::Xml,
        "hash",
        "<artifact name=\"«kebab»-«version».jar\">\n  <sha1 value=\"«hex40»\" origin=\"Generated by Gradle\"/>\n  <sha256 value=\"«hex64»\"/>\n</artifact>\n",
    ),
    t(Host::Xml, "certificate", "<X509Certificate>«blob»</X509Certificate>\n"),
    t(
        Host::Properties,
        "reference",
        "aws.accessKeyId=${AWS_ACCESS_KEY_ID}\naws.secretKey=${AWS_SECRET_ACCESS_KEY}\n",
    ),
    t(
        Host::Toml,
        "cargo-lock",
        "[[package]]\nname = \"«kebab»\"\nversion = \"«version»\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"«hex64»\"\n",
    ),
    t(Host::Ini, "empty", "[«noun»-«num»]\naws_access_key_id =\naws_secret_access_key =\n"),
    t(
        Host::Ini,
        "process",
        "[«noun»-«num»]\ncredential_process = /opt/bin/aws-vault exec «kebab» --json\n",
    ),
    t(
        Host::Sql,
        "hash",
        "INSERT INTO commits (sha, tree, author) VALUES ('«hex40»', '«hex402»', '«email»');\n",
    ),
    t(
        Host::Notebook,
        "image",
        "{\n \"cell_type\": \"code\",\n \"execution_count\": «small»,\n \"metadata\": {},\n \"outputs\": [{\"data\": {\"image/png\": \"«png»\"}, \"output_type\": \"display_data\"}],\n \"source\": [\"aws_secret_access_key = getpass('secret: ')\"]\n},\n",
    ),
    t(
        Host::Slack,
        "hash",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"deployed «hex40», tree «hex402»\",\n    \"ts\": \"«epoch».001000\"\n},\n",
    ),
    t(
        Host::Slack,
        "placeholder",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"set AWS_SECRET_ACCESS_KEY=<AWS_SECRET_ACCESS_KEY> and try again\",\n    \"ts\": \"«epoch».001100\"\n},\n",
    ),
    t(
        Host::Mail,
        "mws-sample",
        "The manual calls it MWSAuthToken=amzn.mws.4ea38b7b-f563-7709-4bae-87aeaEXAMPLE, «sentence».\n",
    ),
    t(
        Host::Env,
        "seller-references",
        "MWS_SECRET_KEY=${«UPPER»_MWS_SECRET}\nLWA_CLIENT_SECRET=your-client-secret\nSP_API_REFRESH_TOKEN=Atzr|your-refresh-token\n",
    ),
    t(
        Host::Markdown,
        "lwa-placeholders",
        "Set `LWA_APP_ID=amzn1.application-oa2-client.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx` and `refresh_token=Atzr|IwEBIxxxxxxxxxxxxxxxx`.\n",
    ),
    t(Host::Markdown, "mws-word", "The MWS team moved the «noun» to «kebab»; «sentence».\n"),
    t(
        Host::Python,
        "lwa-prefix",
        "if not token.startswith(('Atza|', 'Atzr|')):\n    raise ValueError(token)\n",
    ),
    t(
        Host::Java,
        "lwa-sample",
        "private static final String SAMPLE_«NOUN» = \"Atza|IQEBLjAsAhRmHjNgHpi0U-Dme37rR6CuUpSREXAMPLE\";\n",
    ),
    t(
        Host::JsonLog,
        "lwa-masked",
        "{\"time\":\"«iso»\",\"client_id\":\"«kebab»\",\"client_secret\":\"****\",\"refresh_token\":\"Atzr|***\"}",
    ),
    t(
        Host::Php,
        "mws-signing",
        "$params['SignatureMethod'] = 'HmacSHA256';\n$params['SignatureVersion'] = '2';\n",
    ),
    t(
        Host::Yaml,
        "seller-placeholders",
        "«noun»«num»:\n  mws_auth_token: amzn.mws.xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx\n  client_secret: amzn1.oa2-cs.v1.<your secret>\n",
    ),
    t(Host::Java, "merchant", "private String merchantId«Noun» = config.get(\"merchant_id\");\n"),
    t(Host::History, "read", "read -s AWS_SECRET_ACCESS_KEY && export AWS_SECRET_ACCESS_KEY"),
    t(Host::PowerShell, "reference", "$env:AWS_SECRET_ACCESS_KEY = $secret.SecretAccessKey\n"),
    // Signed URLs that are none: documentation, templates, headers, code, cut ones.
    t(
        Host::Markdown,
        "presigned-documentation",
        "```\nhttps://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404\n```\n",
    ),
    t(
        Host::Markdown,
        "presigned-template",
        "`https://«bucket».s3.amazonaws.com/«noun»?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=<your-access-key-id>/20240101/«region»/s3/aws4_request&X-Amz-Date=<date>&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=<signature>`\n",
    ),
    t(
        Host::Html,
        "presigned-words",
        "<code>?X-Amz-Algorithm=AWS4-HMAC-SHA256&amp;X-Amz-Credential=ACCESS_KEY_ID%2F20240101%2F«region»%2Fs3%2Faws4_request&amp;X-Amz-Date=20240101T000000Z&amp;X-Amz-Expires=60&amp;X-Amz-SignedHeaders=host&amp;X-Amz-Signature=SIGNATURE</code>\n",
    ),
    t(
        Host::Log,
        "presigned-redacted",
        "«iso» «level» GET https://«bucket».s3.«region».amazonaws.com/«noun»?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=REDACTED&X-Amz-Date=«compact»&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=REDACTED",
    ),
    t(
        Host::Log,
        "signed-headers",
        "«iso» DEBUG > x-amz-date: «compact», x-amz-content-sha256: «hex64», x-amz-request-id: «uuid»",
    ),
    t(
        Host::Log,
        "canonical-request",
        "«iso» DEBUG CanonicalRequest: GET\\n/«noun»\\nX-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=«compact»&X-Amz-Expires=300&X-Amz-SignedHeaders=host\\nhost:«bucket».s3.amazonaws.com",
    ),
    t(
        Host::Python,
        "presigned-code",
        "query = f\"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={quote(scope)}&X-Amz-Date={stamp}&X-Amz-Expires={ttl}&X-Amz-SignedHeaders=host\"\nurl = f\"{base}?{query}&X-Amz-Signature={signature}\"\n",
    ),
    t(
        Host::JavaScript,
        "cloudfront-code",
        "const url«Noun» = `${base}?Expires=${expires}&Signature=${signature}&Key-Pair-Id=${keyPairId}`;\n",
    ),
    t(
        Host::TypeScript,
        "cookie-code",
        "res.cookie('CloudFront-Signature', cookies['CloudFront-Signature'], { secure: true });\n",
    ),
    t(
        Host::Java,
        "sigv2-code",
        "String url = base + \"?AWSAccessKeyId=\" + id + \"&Expires=\" + expires + \"&Signature=\" + encode(signature);\n",
    ),
    t(
        Host::Markdown,
        "sigv2-documentation",
        "`GET /photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620`\n",
    ),
    t(
        Host::Html,
        "cloudfront-documentation",
        "<code>https://d111111abcdef8.cloudfront.net/image.jpg?Expires=1767290400&amp;Signature=nitfHRCrtziwO2HwPfWw~yYDhUF5EwRunQA-j19DzZrvDh6hQ73lDx~-ar3UocvvRQVw6EkC~GdpGQyyOSKQim-TxAnW7d8F5Kkai9HVx0FIu-5jcQb0UEmatEXAMPLE3ReXySpLSMj0yCd3ZAB4UcBCAqEijkytL6f3fVYNGQI6&amp;Key-Pair-Id=K2JCJMDEHXQW5F</code>\n",
    ),
    t(
        Host::Log,
        "cloudfront-headers",
        "«iso» «level» CloudFront-Viewer-Country: DE CloudFront-Is-Mobile-Viewer: false CloudFront-Forwarded-Proto: https",
    ),
    t(
        Host::JsonLog,
        "mws-request",
        "{\"time\":\"«iso»\",\"url\":\"https://sdb.amazonaws.com/?Action=Select&SignatureMethod=HmacSHA256&SignatureVersion=2&Signature=«hex32»\"}",
    ),
    t(
        Host::Html,
        "post-form-template",
        "<input type=\"hidden\" name=\"policy\" value=\"{{ policy }}\">\n<input type=\"hidden\" name=\"x-amz-signature\" value=\"{{ signature }}\">\n",
    ),
    file(
        Host::Bare,
        "go-sum",
        "«noun»/go.sum",
        "github.com/«company»/«kebab» v«version» «go1»\ngithub.com/«company»/«kebab» v«version»/go.mod «go12»",
    ),
    file(
        Host::Bare,
        "yarn-lock",
        "«noun»/yarn.lock",
        "«kebab»@^«version»:\n  version \"«version»\"\n  resolved \"https://registry.yarnpkg.com/«kebab»/-/«kebab»-«version».tgz#«hex40»\"\n  integrity «sri512»\n",
    ),
    file(Host::Bare, "minified-bundle", "dist/«kebab».min.js", "«minified»«minified2»"),
    file(Host::Bare, "certificate", "etc/ssl/certs/«kebab».pem", "«cert»"),
    file(Host::Bare, "public-key", "keys/«kebab».pub.pem", "«public»"),
    file(Host::Bare, "cut-key", "docs/samples/«kebab».pem", "«pem_cut»"),
    file(
        Host::Bare,
        "source-map",
        "dist/«kebab».js.map",
        "{\"version\":3,\"sources\":[\"«kebab».ts\"],\"mappings\":\"«mappings»\",\"file\":\"«kebab».js\"}",
    ),
    t(
        Host::Json,
        "connection-placeholder",
        "\"ConnectionStrings«num»\": {\n  \"«Pascal»\": \"Server=tcp:«kebab».database.windows.net,1433;Initial Catalog=«noun»;User ID=«noun2»;Password={your_password};Encrypt=True;\"\n},\n",
    ),
    t(
        Host::Xml,
        "connection-integrated",
        "<add name=\"«Pascal»\" connectionString=\"Data Source=«kebab»;Initial Catalog=«noun»;Integrated Security=SSPI\" />\n",
    ),
    t(
        Host::CSharp,
        "connection-parts",
        "var c = \"Server=\" + host + \";User Id=«noun»;Password=\" + password + \";Database=«noun2»\";\nvar d = $\"Server={host};User Id={user};Password={password};\";\n",
    ),
    t(
        Host::Go,
        "connection-format",
        "dsn := fmt.Sprintf(\"host=%s user=%s password=%s dbname=%s\", host, user, password, name)\nmy := fmt.Sprintf(\"%s:%s@tcp(%s:%d)/%s\", user, password, host, port, name)\n",
    ),
    t(
        Host::Java,
        "jdbc-plain",
        "String url = \"jdbc:postgresql://«host»:5432/«noun»?sslmode=require\";\nString thin = \"jdbc:oracle:thin:@//«host»:1521/«NOUN»\";\n",
    ),
    t(
        Host::Properties,
        "jaas-reference",
        "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"${KAFKA_USER}\" password=\"${KAFKA_PASSWORD}\";\n",
    ),
    t(
        Host::Env,
        "azurite",
        "AZURITE=DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;\n",
    ),
    t(
        Host::Markdown,
        "azure-placeholder",
        "Set `DefaultEndpointsProtocol=https;AccountName=<name>;AccountKey=<key>;EndpointSuffix=core.windows.net`, or `Endpoint=sb://<name>.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=***`.\n",
    ),
    t(
        Host::Log,
        "connection-masked",
        "«iso» «level» Host=«host»;Username=«noun»;Password=********;Database=«noun2»",
    ),
    file(Host::Bare, "base64-blob", "data/«kebab».b64", "«blob_lines»\n«blob_lines2»"),
];

fn templates() -> impl Iterator<Item = &'static Template> {
    TEMPLATES.iter().chain(database::TEMPLATES)
}

/// The files that are decoys from beginning to end.
pub(crate) fn file_templates() -> impl Iterator<Item = &'static Template> {
    templates().filter(|template| template.path.is_some())
}

/// A decoy for a file of this kind; `opaque` allows those that only a name
/// tells from a secret. None where the kind knows none.
pub(crate) fn piece(maker: &mut Maker, host: Host, opaque: bool) -> Option<Marked> {
    let own: Vec<&Template> = templates().filter(|t| t.host == host && t.path.is_none()).collect();
    let assignments = host.style().assignments;
    let by_name = !assignments.is_empty() && (own.is_empty() || maker.draw.chance(0.55));
    if !by_name && own.is_empty() {
        return None;
    }
    let mut piece = if by_name {
        let names: Names = if opaque && maker.draw.chance(0.08) {
            *maker.draw.pick(OPAQUE)
        } else {
            *maker.draw.pick(NAMED)
        };
        let mut slots = Slots::default();
        for (_, slot) in names {
            slots.set(slot, crate::vocabulary::word(&mut maker.draw, slot));
        }
        let text = maker.draw.pick(assignments).template(names);
        template::render(&mut maker.draw, &text, &slots, "")
    } else {
        let text = maker.draw.pick(&own).text;
        rendered(maker, text)
    };
    piece.trim_end();
    Some(piece)
}

/// Renders the text of a decoy with the keys it may ask for.
pub(crate) fn rendered(maker: &mut Maker, text: &str) -> Marked {
    let mut slots = Slots::default();
    if text.contains("«cert") {
        slots.set("cert", pem::certificate(&mut maker.draw, &mut maker.ring));
    }
    if text.contains("«public|") || text.contains("«public»") {
        slots.set("public", pem::public_key(&mut maker.ring));
    }
    template::render(&mut maker.draw, text, &slots, "")
}

/// How many repetitions a whole file of a decoy has.
pub(crate) fn repetitions(draw: &mut Draw, name: &str) -> usize {
    match name {
        "go-sum" | "yarn-lock" => 20 + draw.below(60),
        _ => 1,
    }
}
