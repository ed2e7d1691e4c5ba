//! Login with Amazon and the Selling Partner API: clients, secrets, tokens.

use super::{Family, Maker, Mixing, Names, Template, file, t};
use crate::{host::Host, template::Slots, value::seller, wrap::Wrap};

pub(super) const FAMILIES: &[&Family] =
    &[&CREDENTIALS, &CLIENT_SECRET, &REFRESH_TOKEN, &ACCESS_TOKEN];

static CREDENTIALS: Family = Family {
    detector: "amazon-sp-api-credentials",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[Wrap::QuotedPrintableMail],
    templates: CREDENTIALS_TEMPLATES,
    names: CREDENTIALS_NAMES,
    bind: bind_credentials,
};

static CLIENT_SECRET: Family = Family {
    detector: "amazon-lwa-client-secret",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[],
    templates: SECRET_TEMPLATES,
    names: &[
        &[("lwa client secret", "secret")],
        &[("lwa secret", "secret")],
        &[("selling partner app client secret", "secret")],
        &[("sp api client secret", "secret")],
        &[("spapi client secret", "secret")],
        &[("client secret", "new")],
        &[("amazon client secret", "new")],
        &[("secret", "new")],
    ],
    bind: |maker, slots| {
        let draw = &mut maker.draw;
        let new = seller::client_secret(draw);
        let secret = if draw.chance(0.5) { new.clone() } else { seller::old_client_secret(draw) };
        slots.plant("new", "amazon-lwa-client-secret", new);
        slots.plant("secret", "amazon-lwa-client-secret", secret);
    },
};

static REFRESH_TOKEN: Family = Family {
    detector: "amazon-lwa-refresh-token",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[Wrap::QuotedPrintableMail],
    templates: REFRESH_TEMPLATES,
    names: &[
        &[("refresh token", "token")],
        &[("lwa refresh token", "token")],
        &[("sp api refresh token", "token")],
        &[("amazon refresh token", "token")],
        &[("seller id", "seller"), ("refresh token", "token")],
    ],
    bind: |maker, slots| {
        let draw = &mut maker.draw;
        slots.set("seller", seller::seller_id(draw));
        slots.set("market", *draw.pick(seller::MARKETPLACES));
        slots.plant("token", "amazon-lwa-refresh-token", seller::token(draw, "Atzr"));
    },
};

static ACCESS_TOKEN: Family = Family {
    detector: "amazon-lwa-access-token",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[Wrap::QuotedPrintableMail],
    templates: ACCESS_TEMPLATES,
    names: &[
        &[("access token", "token")],
        &[("lwa access token", "token")],
        &[("x amz access token", "token")],
        &[("restricted data token", "token")],
    ],
    bind: |maker, slots| {
        let draw = &mut maker.draw;
        let token = if draw.chance(0.75) {
            seller::token(draw, "Atza")
        } else {
            seller::restricted_token(draw)
        };
        slots.plant("token", "amazon-lwa-access-token", token);
    },
};

/// Binds a client with its secret, and a refresh token with a seller now and then.
fn bind_credentials(maker: &mut Maker, slots: &mut Slots) {
    let draw = &mut maker.draw;
    slots.set("client", seller::client_id(draw));
    let secret = if draw.chance(0.6) {
        seller::client_secret(draw)
    } else {
        seller::old_client_secret(draw)
    };
    slots.plant("secret", "amazon-sp-api-credentials", secret);
    if draw.chance(0.75) {
        slots.set("token", seller::token(draw, "Atzr"));
    }
    slots.set("seller", seller::seller_id(draw));
    slots.set("market", *draw.pick(seller::MARKETPLACES));
}

const CREDENTIALS_NAMES: &[Names] = &[
    &[("lwa app id", "client"), ("lwa client secret", "secret"), ("sp api refresh token", "token")],
    &[("client id", "client"), ("client secret", "secret"), ("refresh token", "token")],
    &[
        ("selling partner app client id", "client"),
        ("selling partner app client secret", "secret"),
        ("selling partner refresh token", "token"),
    ],
    &[("refresh token", "token"), ("lwa client id", "client"), ("lwa client secret", "secret")],
    &[
        ("spapi client id", "client"),
        ("spapi client secret", "secret"),
        ("spapi refresh token", "token"),
    ],
    &[
        ("amazon client id", "client"),
        ("amazon client secret", "secret"),
        ("amazon refresh token", "token"),
    ],
];

const CREDENTIALS_TEMPLATES: &[Template] = &[
    t(
        Host::Python,
        "sp-api",
        "credentials = dict(\n«?token»    refresh_token='«token»',\n«/»    lwa_app_id='«client»',\n    lwa_client_secret='«secret»',\n)\n",
    ),
    t(
        Host::Python,
        "requests",
        "response = requests.post('https://api.amazon.com/auth/o2/token', data={\n    'grant_type': 'refresh_token',\n«?token»    'refresh_token': '«token»',\n«/»    'client_id': '«client»',\n    'client_secret': '«secret»',\n})\n",
    ),
    t(
        Host::JavaScript,
        "amazon-sp-api",
        "const sp«Noun» = new SellingPartner({\n  region: 'eu',\n«?token»  refresh_token: '«token»',\n«/»  credentials: {\n    SELLING_PARTNER_APP_CLIENT_ID: '«client»',\n    SELLING_PARTNER_APP_CLIENT_SECRET: '«secret»',\n  },\n});\n",
    ),
    t(
        Host::TypeScript,
        "auth",
        "const auth = new SellingPartnerApiAuth({\n  clientId: '«client»',\n  clientSecret: '«secret»',\n«?token»  refreshToken: '«token»',\n«/»});\n",
    ),
    t(
        Host::Php,
        "connector",
        "$connector = SellingPartnerApi::seller(\n    clientId: '«client»',\n    clientSecret: '«secret»',\n«?token»    refreshToken: '«token»',\n«/»    endpoint: Endpoint::NA,\n);\n",
    ),
    t(
        Host::Java,
        "builder",
        "LWAAuthorizationCredentials «camel» = LWAAuthorizationCredentials.builder()\n    .clientId(\"«client»\")\n    .clientSecret(\"«secret»\")\n«?token»    .refreshToken(\"«token»\")\n«/»    .endpoint(\"https://api.amazon.com/auth/o2/token\")\n    .build();\n",
    ),
    t(
        Host::CSharp,
        "connection",
        "var connection«Noun» = new AmazonConnection(new AmazonCredential()\n{\n    ClientId = \"«client»\",\n    ClientSecret = \"«secret»\",\n«?token»    RefreshToken = \"«token»\",\n«/»    MarketPlace = MarketPlace.Germany,\n});\n",
    ),
    t(
        Host::Go,
        "config",
        "var «camel»Config = selling.Config{\n\tClientID:     \"«client»\",\n\tClientSecret: \"«secret»\",\n«?token»\tRefreshToken: \"«token»\",\n«/»}\n",
    ),
    t(
        Host::Ruby,
        "config",
        "AmzSpApi.configure do |config|\n«?token»  config.refresh_token = '«token»'\n«/»  config.client_id = '«client»'\n  config.client_secret = '«secret»'\nend\n",
    ),
    t(
        Host::Json,
        "settings",
        "\"spapi«num»\": {\n  \"clientId\": \"«client»\",\n  \"clientSecret\": \"«secret»\",\n«?token»  \"refreshToken\": \"«token|json»\",\n«/»  \"sellerId\": \"«seller»\"\n},\n",
    ),
    t(
        Host::JsonLog,
        "nested",
        "{\"time\":\"«iso»\",\"msg\":\"{\\\"client_id\\\":\\\"«client»\\\",\\\"client_secret\\\":\\\"«secret»\\\"«?token»,\\\"refresh_token\\\":\\\"«token»\\\"«/»}\"}",
    ),
    t(
        Host::Yaml,
        "settings",
        "«noun»«num»:\n  lwa_app_id: «client»\n  lwa_client_secret: «secret»\n«?token»  refresh_token: \"«token»\"\n«/»  marketplace: «market»\n",
    ),
    t(
        Host::Xml,
        "settings",
        "<spapi>\n  <clientId>«client»</clientId>\n  <clientSecret>«secret»</clientSecret>\n«?token»  <refreshToken>«token»</refreshToken>\n«/»</spapi>\n",
    ),
    t(
        Host::Properties,
        "settings",
        "spapi.client.id=«client»\nspapi.client.secret=«secret»\n«?token»spapi.refresh.token=«token»\n«/»",
    ),
    t(
        Host::Mail,
        "handover",
        "The SP-API application:\n\nClient ID: «client»\nClient secret: «secret»\n«?token»Refresh token: «token»\n«/»\nSeller: «seller»\n",
    ),
    t(
        Host::Slack,
        "message",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"client id «client»\\nclient secret «secret»«?token»\\nrefresh token «token»«/»\",\n    \"ts\": \"«epoch».003500\"\n},\n",
    ),
    t(
        Host::Html,
        "table",
        "<table>\n  <tr><td>Client ID</td><td>«client»</td></tr>\n  <tr><td>Client secret</td><td>«secret»</td></tr>\n«?token»  <tr><td>Refresh token</td><td>«token»</td></tr>\n«/»</table>\n",
    ),
    t(
        Host::Markdown,
        "ticket",
        "* client id: `«client»`\n* client secret: `«secret»`\n«?token»* refresh token: `«token»`\n«/»",
    ),
    t(
        Host::History,
        "curl",
        "curl https://api.amazon.com/auth/o2/token -d 'grant_type=refresh_token&client_id=«client»&client_secret=«secret»«?token»&refresh_token=«token|pct»«/»'",
    ),
    t(
        Host::Log,
        "form",
        "«iso» DEBUG POST /auth/o2/token grant_type=client_credentials&scope=sellingpartnerapi%3A%3Anotifications&client_id=«client»&client_secret=«secret»",
    ),
    t(
        Host::Sql,
        "insert",
        "INSERT INTO lwa_clients (client_id, client_secret) VALUES ('«client»', '«secret»');\n",
    ),
    t(
        Host::Notebook,
        "cell",
        "{\n \"cell_type\": \"code\",\n \"execution_count\": «small»,\n \"metadata\": {},\n \"outputs\": [],\n \"source\": [\n  \"LWA_APP_ID = '«client»'\\n\",\n  \"LWA_CLIENT_SECRET = '«secret»'\\n\"\n ]\n},\n",
    ),
];

const SECRET_TEMPLATES: &[Template] = &[
    t(Host::Python, "environ", "os.environ['LWA_CLIENT_SECRET'] = '«secret»'\n"),
    t(Host::Mail, "rotation", "The new client secret is «new», the old one dies on «date».\n"),
    t(Host::Mail, "named", "Login with Amazon client secret: «secret»\n"),
    t(
        Host::Slack,
        "message",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"rotated: «new»\",\n    \"ts\": \"«epoch».003600\"\n},\n",
    ),
    t(Host::Log, "line", "«iso» «level» rotated client secret to «new»"),
    t(
        Host::JsonLog,
        "notification",
        "{\"time\":\"«iso»\",\"notificationType\":\"APPLICATION_OAUTH_CLIENT_NEW_SECRET\",\"payload\":{\"newClientSecret\":\"«new»\"}}",
    ),
    t(Host::Json, "settings", "\"lwa«num»\": {\n  \"lwaClientSecret\": \"«secret»\"\n},\n"),
    t(Host::Xml, "element", "<lwaClientSecret>«secret»</lwaClientSecret>\n"),
    t(Host::Yaml, "settings", "«noun»«num»:\n  sp_api_client_secret: «secret»\n"),
    t(Host::Html, "cell", "<tr><td>LWA client secret</td><td>«secret»</td></tr>\n"),
    t(Host::Properties, "settings", "lwa.client.secret=«secret»\n"),
    t(Host::Php, "define", "define('LWA_CLIENT_SECRET', '«secret»');\n"),
    t(Host::Java, "constant", "private static final String LWA_CLIENT_SECRET = \"«secret»\";\n"),
    t(Host::CSharp, "property", "ClientSecret = \"«new»\",\n"),
    t(Host::History, "export", "export LWA_CLIENT_SECRET=«secret»"),
    t(Host::Markdown, "code", "LWA client secret: `«secret»`\n"),
    t(Host::Terraform, "variable", "lwa_client_secret = \"«secret»\"\n"),
];

const REFRESH_TEMPLATES: &[Template] = &[
    t(Host::Python, "string", "refresh_token = '«token»'\n"),
    t(
        Host::Json,
        "response",
        "\"response«num»\": {\n  \"access_token_type\": \"bearer\",\n  \"refresh_token\": \"«token»\"\n},\n",
    ),
    t(
        Host::JsonLog,
        "response",
        "{\"time\":\"«iso»\",\"body\":\"{\\\"refresh_token\\\":\\\"«token|json|json»\\\",\\\"expires_in\\\":3600}\"}",
    ),
    t(Host::Log, "line", "«iso» DEBUG authorised «seller»: «token»"),
    t(Host::Log, "form", "«iso» DEBUG grant_type=refresh_token&refresh_token=«token|pct»&x=1"),
    t(Host::Mail, "plain", "The refresh token of seller «seller»:\n\n«token»\n\nRegards\n"),
    t(Host::Mail, "inline", "refresh token is «token».\n"),
    t(
        Host::Slack,
        "message",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"«seller»: «token»\",\n    \"ts\": \"«epoch».003700\"\n},\n",
    ),
    t(Host::Html, "pre", "<pre>«token»</pre>\n"),
    t(Host::Xml, "element", "<refreshToken>«token»</refreshToken>\n"),
    t(Host::Yaml, "settings", "«noun»«num»:\n  refresh_token: «token»\n  seller_id: «seller»\n"),
    t(Host::Properties, "settings", "refresh.token=«token»\n"),
    t(Host::Php, "array", "$tokens['«seller»'] = '«token»';\n"),
    t(Host::Java, "setter", "config.setRefreshToken(\"«token»\");\n"),
    t(Host::CSharp, "property", "RefreshToken = \"«token»\",\n"),
    t(
        Host::Sql,
        "insert",
        "INSERT INTO sellers (id, refresh_token) VALUES ('«seller»', '«token»');\n",
    ),
    t(
        Host::History,
        "curl",
        "curl -d 'grant_type=refresh_token&refresh_token=«token|pct|pct»' https://«host»/",
    ),
    t(Host::Markdown, "code", "```\n«token»\n```\n"),
    t(
        Host::Notebook,
        "output",
        "{\n \"cell_type\": \"code\",\n \"execution_count\": «small»,\n \"metadata\": {},\n \"outputs\": [{\"name\": \"stdout\", \"output_type\": \"stream\", \"text\": [\"«token»\\n\"]}],\n \"source\": [\"print(token)\"]\n},\n",
    ),
    file(
        Host::Bare,
        "mail",
        "mail/«user»/«num».eml",
        "From: «name» <«email»>\nSubject: token\nContent-Type: text/plain; charset=\"utf-8\"\nContent-Transfer-Encoding: quoted-printable\n\nHi «name»,\n\nthe seller authorised us, his token is: «token|qp»\n\n«name2»\n",
    ),
    file(
        Host::Bare,
        "csv",
        "export/tokens-«num».csv",
        "seller,marketplace,refresh_token\n«seller»,«market»,«token»",
    ),
];

const ACCESS_TEMPLATES: &[Template] = &[
    t(Host::Log, "header", "«iso» DEBUG > x-amz-access-token: «token»"),
    t(Host::Log, "query", "«iso» DEBUG GET /auth/o2/tokeninfo?access_token=«token|pct» 200"),
    t(
        Host::JsonLog,
        "response",
        "{\"time\":\"«iso»\",\"body\":\"{\\\"access_token\\\":\\\"«token|json|json»\\\",\\\"token_type\\\":\\\"bearer\\\",\\\"expires_in\\\":3600}\"}",
    ),
    t(
        Host::JsonLog,
        "field",
        "{\"time\":\"«iso»\",\"headers\":{\"x-amz-access-token\":\"«token»\"}}",
    ),
    t(
        Host::History,
        "curl",
        "curl -H 'x-amz-access-token: «token»' https://sellingpartnerapi-eu.amazon.com/orders/v0/orders",
    ),
    t(Host::Python, "headers", "headers = {'x-amz-access-token': '«token»'}\n"),
    t(Host::JavaScript, "headers", "const headers = { 'x-amz-access-token': '«token»' };\n"),
    t(
        Host::Json,
        "cache",
        "\"token«num»\": {\n  \"access_token\": \"«token|slash»\",\n  \"expires_in\": 3600\n},\n",
    ),
    t(Host::Yaml, "cassette", "- headers:\n    x-amz-access-token:\n    - «token»\n"),
    t(Host::Html, "pre", "<pre>Authorization: bearer «token|xml»</pre>\n"),
    t(Host::Mail, "plain", "I call it with\n\nx-amz-access-token: «token»\n\nand get 403.\n"),
    t(
        Host::Slack,
        "message",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"token `«token»`\",\n    \"ts\": \"«epoch».003800\"\n},\n",
    ),
    t(Host::Markdown, "code", "    x-amz-access-token: «token»\n"),
    t(Host::Xml, "element", "<accessToken>«token»</accessToken>\n"),
    t(Host::Java, "header", "request.addHeader(\"x-amz-access-token\", \"«token»\");\n"),
];
