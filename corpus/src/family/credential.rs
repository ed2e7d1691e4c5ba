//! User names with passwords, registry and console tokens.

use super::{Family, Maker, Mixing, Names, Template, expiry_hint, file, key_pair, t};
use crate::{
    host::Host,
    label::Role,
    template::Slots,
    value::{aws_key, aws_service},
    vocabulary,
};

/// Binds `user` and `password` of a service-specific credential.
fn bind_service(maker: &mut Maker, slots: &mut Slots, detector: &'static str) {
    let draw = &mut maker.draw;
    let name = vocabulary::word(draw, "user");
    let account = aws_key::account(draw);
    slots.set("iam_user", name.clone());
    slots.set("user", aws_service::service_user(draw, &name, account));
    slots.plant("password", detector, aws_service::service_password(draw));
    let region = *draw.pick(vocabulary::REGIONS);
    slots.set("region", region);
    slots.set("git_host", format!("git-codecommit.{region}.amazonaws.com"));
    slots.set("cassandra_host", format!("cassandra.{region}.amazonaws.com"));
}

pub(super) static CODECOMMIT: Family = Family {
    detector: "aws-codecommit-credential",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[],
    templates: &[
        t(
            Host::Shell,
            "clone",
            "git clone https://«user|pct»:«password|pct»@«git_host»/v1/repos/«kebab»\n",
        ),
        t(
            Host::History,
            "remote",
            "git remote add origin https://«user|pct»:«password|pct»@«git_host»/v1/repos/«kebab»",
        ),
        t(
            Host::Ini,
            "git-config",
            "[remote \"origin«num»\"]\n\turl = https://«user|pct»:«password|pct»@«git_host»/v1/repos/«kebab»\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n",
        ),
        file(
            Host::Bare,
            "git-credentials",
            "home/«iam_user»/.git-credentials",
            "https://«user|pct»:«password|pct»@«git_host»",
        ),
        file(
            Host::Bare,
            "netrc",
            "home/«iam_user»/.netrc",
            "machine «git_host»\n  login «user»\n  password «password»",
        ),
        file(
            Host::Bare,
            "netrc-line",
            "home/«iam_user»/.netrc",
            "machine «git_host» login «user» password «password»",
        ),
        file(
            Host::Bare,
            "csv",
            "Downloads/«iam_user»_codecommit_credentials.csv",
            "User Name,Password\n«user»,«password»",
        ),
        t(
            Host::Yaml,
            "url",
            "«noun»«num»:\n  repository: https://«user|pct»:«password|pct»@«git_host»/v1/repos/«kebab»\n",
        ),
        t(
            Host::Log,
            "jenkins",
            "«iso» «level» > git fetch --tags https://«user|pct»:«password|pct»@«git_host»/v1/repos/«kebab» # timeout=10",
        ),
        t(
            Host::Json,
            "slashes",
            "\"codecommit«num»\": {\n  \"host\": \"«git_host»\",\n  \"username\": \"«user»\",\n  \"password\": \"«password|slash»\"\n},\n",
        ),
    ],
    names: &[
        &[
            ("codecommit host", "git_host"),
            ("codecommit username", "user"),
            ("codecommit password", "password"),
        ],
        &[("git host", "git_host"), ("git username", "user"), ("git password", "password")],
    ],
    bind: |maker, slots| bind_service(maker, slots, "aws-codecommit-credential"),
};

pub(super) static KEYSPACES: Family = Family {
    detector: "aws-keyspaces-credential",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[],
    templates: &[
        file(
            Host::Bare,
            "cqlshrc",
            "home/«iam_user»/.cassandra/cqlshrc",
            "[connection]\nhostname = «cassandra_host»\nport = 9142\nssl = true\n\n[authentication]\nusername = «user»\npassword = «password»\n\n[ssl]\nvalidate = true\n",
        ),
        t(
            Host::Shell,
            "cqlsh",
            "cqlsh «cassandra_host» 9142 -u \"«user»\" -p \"«password»\" --ssl\n",
        ),
        t(Host::History, "cqlsh", "cqlsh «cassandra_host» 9142 -u «user» -p «password» --ssl"),
        t(
            Host::Java,
            "datastax",
            "CqlSession session = CqlSession.builder()\n    .addContactPoint(new InetSocketAddress(\"«cassandra_host»\", 9142))\n    .withAuthCredentials(\"«user»\", \"«password»\")\n    .build();\n",
        ),
        t(
            Host::Python,
            "auth-provider",
            "auth_provider = PlainTextAuthProvider(username='«user»', password='«password»')\ncluster = Cluster(['«cassandra_host»'], auth_provider=auth_provider, port=9142)\n",
        ),
        t(
            Host::Properties,
            "datastax",
            "datastax-java-driver.basic.contact-points.0=«cassandra_host»\\:9142\ndatastax-java-driver.advanced.auth-provider.username=«user»\ndatastax-java-driver.advanced.auth-provider.password=«password»\n",
        ),
        t(
            Host::JavaScript,
            "driver",
            "const client = new cassandra.Client({\n  contactPoints: ['«cassandra_host»'],\n  authProvider: new cassandra.auth.PlainTextAuthProvider('«user»', '«password»'),\n});\n",
        ),
        t(
            Host::Yaml,
            "spring",
            "cassandra«num»:\n  contact-points: «cassandra_host»:9142\n  username: «user»\n  password: «password»\n",
        ),
        file(
            Host::Bare,
            "csv",
            "Downloads/«iam_user»_keyspaces_credentials.csv",
            "User Name,Password\n«user»,«password»\n# for «cassandra_host»",
        ),
        t(
            Host::Json,
            "service-credential",
            "\"ServiceSpecificCredential«num»\": {\n  \"ServiceName\": \"cassandra.amazonaws.com\",\n  \"ServiceUserName\": \"«user»\",\n  \"ServicePassword\": \"«password|slash»\",\n  \"Status\": \"Active\"\n},\n",
        ),
    ],
    names: &[
        &[
            ("cassandra host", "cassandra_host"),
            ("cassandra username", "user"),
            ("cassandra password", "password"),
        ],
        &[
            ("keyspaces host", "cassandra_host"),
            ("keyspaces user", "user"),
            ("keyspaces password", "password"),
        ],
    ],
    bind: |maker, slots| bind_service(maker, slots, "aws-keyspaces-credential"),
};

pub(super) static ECR_TOKEN: Family = Family {
    detector: "aws-ecr-token",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[],
    templates: &[
        file(
            Host::Bare,
            "docker-config",
            "home/«user»/.docker/config.json",
            "{\n\t\"auths\": {\n\t\t\"«registry»\": {\n\t\t\t\"auth\": \"«auth»\"\n\t\t}\n\t}\n}",
        ),
        t(
            Host::Json,
            "auths",
            "\"auths«num»\": {\n  \"«registry»\": {\n    \"auth\": \"«auth»\"\n  }\n},\n",
        ),
        t(
            Host::Json,
            "authorization-data",
            "\"authorizationData«num»\": [\n  {\n    \"authorizationToken\": \"«auth»\",\n    \"expiresAt\": \"«iso»\",\n    \"proxyEndpoint\": \"https://«registry»\"\n  }\n],\n",
        ),
        t(Host::Shell, "login", "docker login -u AWS -p «inner» https://«registry»\n"),
        t(Host::History, "login", "docker login -u AWS -p «inner» -e none https://«registry»"),
        t(
            Host::Log,
            "login",
            "«iso» «level» + docker login --username AWS --password «inner» «registry»",
        ),
        t(
            Host::Yaml,
            "docker-config-json",
            "---\napiVersion: v1\nkind: Secret\ntype: kubernetes.io/dockerconfigjson\nmetadata:\n  name: «kebab»\nstringData:\n  .dockerconfigjson: |\n    {\"auths\":{\"«registry»\":{\"username\":\"AWS\",\"auth\":\"«auth»\"}}}\n---\n",
        ),
        t(
            Host::JsonLog,
            "nested",
            "{\"time\":\"«iso»\",\"msg\":\"{\\\"auths\\\":{\\\"«registry»\\\":{\\\"auth\\\":\\\"«auth»\\\"}}}\"}",
        ),
    ],
    names: &[
        &[("ecr auth token", "auth")],
        &[("ecr password", "inner")],
        &[("registry auth", "auth")],
    ],
    bind: |maker, slots| {
        let (issued, _) = maker.begun();
        let expiration = issued + time::Duration::hours(12);
        let hint = expiry_hint(expiration < maker.now);
        let seconds = expiration.unix_timestamp().unsigned_abs();
        let inner = aws_service::ecr_password(&mut maker.draw, seconds);
        let account = aws_key::account(&mut maker.draw);
        let region = maker.region();
        slots.set("registry", format!("{account:012}.dkr.ecr.{region}.amazonaws.com"));
        let auth = aws_service::ecr_auth(&inner);
        slots.claim("auth", "aws-ecr-token", Role::Plant, hint, auth);
        slots.claim("inner", "aws-ecr-token", Role::Plant, hint, inner);
    },
};

const CODEARTIFACT_NAMES: &[Names] = &[
    &[("codeartifact auth token", "value")],
    &[("codeartifact token", "value")],
    &[("aws codeartifact auth token", "value")],
];

pub(super) static CODEARTIFACT_TOKEN: Family = Family {
    detector: "aws-codeartifact-token",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[],
    templates: &[
        file(
            Host::Ini,
            "npmrc",
            "«noun»/.npmrc",
            "registry=https://«repository»/npm/«noun»/\n//«repository»/npm/«noun»/:_authToken=«value»\n",
        ),
        file(
            Host::Ini,
            "pip-conf",
            "home/«user»/.config/pip/pip.conf",
            "[global]\nindex-url = https://aws:«value»@«repository»/pypi/«noun»/simple/\n",
        ),
        file(
            Host::Ini,
            "pypirc",
            "home/«user»/.pypirc",
            "[«noun»«num»]\nrepository = https://«repository»/pypi/«noun»/\nusername = aws\npassword = «value»\n",
        ),
        t(
            Host::Xml,
            "maven-settings",
            "<server>\n  <id>«kebab»</id>\n  <username>aws</username>\n  <password>«value»</password>\n</server>\n",
        ),
        t(
            Host::Json,
            "get-token",
            "\"codeartifact«num»\": {\n  \"authorizationToken\": \"«value»\",\n  \"expiration\": \"«iso»\"\n},\n",
        ),
        t(Host::History, "export", "export CODEARTIFACT_AUTH_TOKEN=«value»"),
        t(
            Host::Log,
            "twine",
            "«iso» «level» + twine upload -u aws -p «value» --repository-url https://«repository»/pypi/«noun»/",
        ),
        t(
            Host::Dockerfile,
            "index-url",
            "RUN pip install --index-url https://aws:«value»@«repository»/pypi/«noun»/simple/ «noun2»\n",
        ),
    ],
    names: CODEARTIFACT_NAMES,
    bind: |maker, slots| {
        let (issued, _) = maker.begun();
        let expires = issued + time::Duration::hours(12);
        let token = aws_service::codeartifact_token(
            &mut maker.draw,
            issued.unix_timestamp().unsigned_abs(),
            expires.unix_timestamp().unsigned_abs(),
        );
        let account = aws_key::account(&mut maker.draw);
        let company = vocabulary::word(&mut maker.draw, "company");
        let region = maker.region();
        let repository = format!("{company}-{account:012}.d.codeartifact.{region}.amazonaws.com");
        slots.set("repository", repository);
        let hint = expiry_hint(expires < maker.now);
        slots.claim("value", "aws-codeartifact-token", Role::Plant, hint, token);
    },
};

const SSO_TEMPLATES: &[Template] = &[
    t(
        Host::Shell,
        "heredoc",
        "cat > ~/.aws/sso/cache/«hex40».json <<'EOF'\n{\n  \"startUrl\": \"https://«company».awsapps.com/start\",\n  \"region\": \"«region»\",\n  \"accessToken\": \"«access»\",\n  \"expiresAt\": \"«expires»\"\n}\nEOF\n",
    ),
    t(
        Host::History,
        "list-accounts",
        "aws sso list-accounts --region «region» --access-token '«access»'",
    ),
    t(
        Host::Log,
        "cache-read",
        "«iso» DEBUG botocore.tokens: cached token {'startUrl': 'https://«company».awsapps.com/start', 'region': '«region»', 'accessToken': '«access»', 'expiresAt': '«expires»'}",
    ),
    t(
        Host::Slack,
        "cache",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"```{\\\"startUrl\\\":\\\"https://«company».awsapps.com/start\\\",\\\"accessToken\\\":\\\"«access|json»\\\",\\\"expiresAt\\\":\\\"«expires»\\\"}```\",\n    \"ts\": \"«epoch».001200\"\n},\n",
    ),
    file(
        Host::Bare,
        "cache",
        "home/«user»/.aws/sso/cache/«hex40».json",
        "{\"startUrl\": \"https://«company».awsapps.com/start\", \"region\": \"«region»\", \"accessToken\": \"«access»\", \"expiresAt\": \"«expires»\", \"clientId\": \"«id26»\", \"clientSecret\": \"«client»\", \"registrationExpiresAt\": \"«iso»\", \"refreshToken\": \"«refresh»\"}",
    ),
    file(
        Host::Bare,
        "cache-pretty",
        "home/«user»/.aws/sso/cache/«hex40».json",
        "{\n  \"startUrl\": \"https://d-«num»«num2».awsapps.com/start/\",\n  \"region\": \"«region»\",\n  \"accessToken\": \"«access»\",\n  \"expiresAt\": \"«expires»\",\n  \"clientId\": \"«id26»\",\n  \"clientSecret\": \"«client»\",\n  \"refreshToken\": \"«refresh»\"\n}",
    ),
    file(
        Host::Bare,
        "cache-short",
        "home/«user»/.aws/sso/cache/«hex40».json",
        "{\"startUrl\": \"https://«company».awsapps.com/start\", \"region\": \"«region»\", \"accessToken\": \"«access|slash»\", \"expiresAt\": \"«expires»\"}",
    ),
    t(
        Host::Json,
        "create-token",
        "\"token«num»\": {\n  \"accessToken\": \"«access»\",\n  \"tokenType\": \"Bearer\",\n  \"expiresAt\": \"«expires»\",\n  \"startUrl\": \"https://«company».awsapps.com/start\",\n  \"region\": \"«region»\"\n},\n",
    ),
    t(
        Host::JsonLog,
        "nested",
        "{\"time\":\"«iso»\",\"msg\":\"{\\\"startUrl\\\":\\\"https://«company».awsapps.com/start\\\",\\\"region\\\":\\\"«region»\\\",\\\"accessToken\\\":\\\"«access»\\\",\\\"expiresAt\\\":\\\"«expires»\\\"}\"}",
    ),
];

pub(super) static SSO_TOKEN: Family = Family {
    detector: "aws-sso-token",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[],
    templates: SSO_TEMPLATES,
    names: &[],
    bind: |maker, slots| {
        let (issued, _) = maker.begun();
        let expires = issued + time::Duration::hours(8);
        let draw = &mut maker.draw;
        let claims = format!(
            "{{\"serialized\":\"{}\",\"exp\":{}}}",
            draw.hex(160),
            expires.unix_timestamp() + 90 * 86_400
        );
        let access = aws_service::sso_token(draw, "aoa");
        let hint = expiry_hint(expires < maker.now);
        slots.claim("access", "aws-sso-token", Role::Plant, hint, access);
        slots.permit("refresh", "aws-sso-token", aws_service::sso_token(draw, "aor"));
        slots.permit("client", "aws-sso-token", aws_service::jwt(draw, &claims));
        slots.set(
            "expires",
            format!(
                "{}T{:02}:{:02}:{:02}Z",
                expires.date(),
                expires.hour(),
                expires.minute(),
                expires.second()
            ),
        );
    },
};

const CONSOLE_TEMPLATES: &[Template] = &[
    file(
        Host::Bare,
        "credentials-csv",
        "Downloads/credentials-«num».csv",
        "User name,Password,Access key ID,Secret access key,Console login link\n«iam_user»,«password»,«id»,«secret»,https://«acct».signin.aws.amazon.com/console",
    ),
    file(
        Host::Bare,
        "console-csv",
        "Downloads/«iam_user»_credentials.csv",
        "User name,Password,Console sign-in URL\n«iam_user»,«password»,https://«acct».signin.aws.amazon.com/console",
    ),
    file(
        Host::Bare,
        "console-csv-alias",
        "Downloads/«iam_user»_credentials.csv",
        "User name,Password,Console login link\n«iam_user»,«password»,https://«company».signin.aws.amazon.com/console",
    ),
    file(
        Host::Bare,
        "credentials-csv-no-keys",
        "Downloads/credentials-«num».csv",
        "User name,Password,Access key ID,Secret access key,Console login link\n«iam_user»,«password»,,,https://«acct».signin.aws.amazon.com/console",
    ),
];

pub(super) static CONSOLE_PASSWORD: Family = Family {
    detector: "aws-console-password",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[],
    templates: CONSOLE_TEMPLATES,
    names: &[],
    bind: |maker, slots| {
        key_pair::bind_access_key(maker, slots);
        let user = vocabulary::word(&mut maker.draw, "user");
        slots.set("iam_user", user);
        let password = aws_service::console_password(&mut maker.draw);
        slots.plant("password", "aws-console-password", password);
    },
};
