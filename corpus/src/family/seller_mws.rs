//! Marketplace Web Service: tokens, keys in a seller's context, signed requests.

use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Family, Maker, Mixing, Names, Template, expiry_hint, file, t};
use crate::{
    host::Host,
    label::Role,
    template::Slots,
    value::{
        aws_key,
        seller::{self, Request},
    },
    wrap::Wrap,
};

pub(super) const FAMILIES: &[&Family] = &[&KEY, &SECRET, &TOKEN, &REQUEST];

static TOKEN: Family = Family {
    detector: "amazon-mws-auth-token",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[Wrap::QuotedPrintableMail],
    templates: TOKEN_TEMPLATES,
    names: &[
        &[("mws auth token", "token")],
        &[("mws seller id", "seller"), ("mws auth token", "token")],
        &[("seller id", "seller"), ("marketplace id", "market"), ("auth token", "token")],
        &[("merchant id", "seller"), ("mws token", "token")],
        &[("amazon auth token", "token")],
        &[("token", "token")],
    ],
    bind: |maker, slots| {
        bind_seller(maker, slots);
        slots.plant("token", "amazon-mws-auth-token", seller::auth_token(&mut maker.draw));
    },
};

static KEY: Family = Family {
    detector: "amazon-mws-key",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[],
    templates: KEY_TEMPLATES,
    names: KEY_NAMES,
    bind: bind_key,
};

static SECRET: Family = Family {
    detector: "amazon-mws-secret-key",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[],
    templates: SECRET_TEMPLATES,
    names: &[
        &[("mws secret key", "secret")],
        &[("mws secret access key", "secret")],
        &[("amazon mws secret key", "secret")],
        &[("seller id", "seller"), ("secret key", "secret")],
        &[
            ("merchant id", "seller"),
            ("marketplace id", "market"),
            ("aws secret access key", "secret"),
        ],
        &[("mws aws secret", "secret")],
        &[("sp api secret key", "secret")],
    ],
    bind: |maker, slots| {
        bind_seller(maker, slots);
        slots.plant("secret", "amazon-mws-secret-key", aws_key::secret(&mut maker.draw));
    },
};

static REQUEST: Family = Family {
    detector: "amazon-mws-request-url",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[],
    templates: REQUEST_TEMPLATES,
    names: &[&[("mws request url", "url")], &[("url", "url")], &[("request", "url")]],
    bind: bind_request,
};

/// Binds a `seller` and a `market`.
fn bind_seller(maker: &mut Maker, slots: &mut Slots) {
    let draw = &mut maker.draw;
    slots.set("seller", seller::seller_id(draw));
    slots.set("market", *draw.pick(seller::MARKETPLACES));
    slots.set("mws_host", *draw.pick(seller::HOSTS));
}

/// Binds a pair and what stands beside it: a seller, a marketplace, a token, a
/// client of Login with Amazon, a role.
fn bind_key(maker: &mut Maker, slots: &mut Slots) {
    bind_seller(maker, slots);
    let draw = &mut maker.draw;
    let account = aws_key::account(draw);
    let id = match draw.below(10) {
        0 | 1 => aws_key::old_key_id(draw, "AKIA"),
        _ => aws_key::key_id(draw, "AKIA", account),
    };
    slots.set("early", seller::early_key_id(draw));
    slots.set("acct", format!("{account:012}"));
    slots.set("id", id);
    slots.set("client", seller::client_id(draw));
    slots.plant("token", "amazon-mws-auth-token", seller::auth_token(draw));
    slots.plant("secret", "amazon-mws-key", aws_key::secret(draw));
}

fn bind_request(maker: &mut Maker, slots: &mut Slots) {
    bind_seller(maker, slots);
    let (signed, _) = maker.begun();
    let signed = if maker.draw.chance(0.2) {
        maker.now - Duration::seconds(maker.draw.within(30..=840) as i64)
    } else {
        signed
    };
    let hint = expiry_hint(signed + Duration::minutes(15) <= maker.now);
    let draw = &mut maker.draw;
    let account = aws_key::account(draw);
    let key_id = aws_key::key_id(draw, "AKIA", account);
    let secret = aws_key::secret(draw);
    let token = draw.chance(0.4).then(|| seller::auth_token(draw));
    let at = timestamp(signed);
    let (seller_id, market) = (seller::seller_id(draw), *draw.pick(seller::MARKETPLACES));
    let request = Request {
        key_id: &key_id,
        secret: &secret,
        seller: &seller_id,
        marketplace: market,
        token: token.as_deref(),
        at: &at,
    };
    for (slot, body_only) in [("url", false), ("body", true)] {
        let value = seller::signed_request(draw, request, body_only);
        slots.claim(slot, "amazon-mws-request-url", Role::Plant, hint, value);
        slots.permit_inside(slot, &["amazon-mws-auth-token"]);
    }
    slots.set("id", key_id.clone());
    if draw.chance(0.3) {
        slots.plant("secret", "amazon-mws-key", secret);
    }
}

fn timestamp(at: OffsetDateTime) -> String {
    at.replace_nanosecond(0).unwrap_or(at).format(&Rfc3339).unwrap_or_default()
}

const TOKEN_TEMPLATES: &[Template] = &[
    t(
        Host::Mail,
        "handover",
        "We signed up for your service. Seller ID: «seller», MWS Authorisation Token: «token».\nPlease confirm.\n",
    ),
    t(Host::Mail, "list", "Seller ID: «seller»\nMWS Auth Token: «token»\nMarketplace: «market»\n"),
    t(Host::Mail, "quoted", "> Merchant token «seller»\n> MWS auth token\n> «token»\n"),
    t(
        Host::Slack,
        "message",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"seller «seller» token «token»\",\n    \"ts\": \"«epoch».003100\"\n},\n",
    ),
    t(Host::Markdown, "ticket", "**MWS Auth Token**: `«token»` (seller `«seller»`)\n"),
    t(Host::Markdown, "row", "| «name» | «seller» | «market» | «token» |\n"),
    t(Host::Html, "cell", "<tr><td>«seller»</td><td>«token»</td><td>«market»</td></tr>\n"),
    t(Host::Html, "field", "<input type=\"hidden\" name=\"mws_auth_token\" value=\"«token»\">\n"),
    t(
        Host::Log,
        "request",
        "«iso» DEBUG POST https://«mws_host»/Orders/2013-09-01 MWSAuthToken=«token»&SellerId=«seller»",
    ),
    t(Host::Log, "prose", "«iso» «level» syncing seller «seller» with token «token»"),
    t(
        Host::JsonLog,
        "field",
        "{\"time\":\"«iso»\",\"level\":\"«level»\",\"seller_id\":\"«seller»\",\"mws_auth_token\":\"«token»\"}",
    ),
    t(
        Host::JsonLog,
        "nested",
        "{\"time\":\"«iso»\",\"msg\":\"{\\\"sellerId\\\":\\\"«seller»\\\",\\\"mwsAuthToken\\\":\\\"«token»\\\"}\"}",
    ),
    t(
        Host::Json,
        "settings",
        "\"seller«num»\": {\n  \"sellerId\": \"«seller»\",\n  \"mwsAuthToken\": \"«token»\",\n  \"marketplaceId\": \"«market»\"\n},\n",
    ),
    t(
        Host::Xml,
        "settings",
        "<seller>\n  <merchantId>«seller»</merchantId>\n  <mwsAuthToken>«token»</mwsAuthToken>\n</seller>\n",
    ),
    t(
        Host::Yaml,
        "accounts",
        "«noun»«num»:\n  seller_id: «seller»\n  mws_auth_token: «token»\n  marketplace: «market»\n",
    ),
    t(Host::Properties, "settings", "mws.seller.id=«seller»\nmws.auth.token=«token»\n"),
    t(
        Host::Php,
        "client",
        "$request->setSellerId('«seller»');\n$request->setMWSAuthToken('«token»');\n",
    ),
    t(
        Host::Java,
        "request",
        "private void «camel»(ListOrdersRequest request) {\n    request.setMWSAuthToken(\"«token»\");\n}\n",
    ),
    t(Host::CSharp, "request", "request.MWSAuthToken = \"«token»\";\n"),
    t(Host::Python, "client", "orders_api = mws.Orders(region='DE', auth_token='«token»')\n"),
    t(
        Host::Ruby,
        "client",
        "client = MWS.orders(auth_token: '«token»', merchant_id: '«seller»')\n",
    ),
    t(
        Host::Sql,
        "insert",
        "INSERT INTO sellers (name, seller_id, mws_auth_token) VALUES ('«name»', '«seller»', '«token»');\n",
    ),
    t(
        Host::History,
        "curl",
        "curl -d 'MWSAuthToken=«token»&SellerId=«seller»' https://«mws_host»/",
    ),
    t(
        Host::Notebook,
        "cell",
        "{\n \"cell_type\": \"code\",\n \"execution_count\": «small»,\n \"metadata\": {},\n \"outputs\": [],\n \"source\": [\n  \"AUTH = '«token»'\\n\"\n ]\n},\n",
    ),
    file(
        Host::Bare,
        "mail",
        "mail/«user»/«num».eml",
        "From: «name» <«email»>\nSubject: Amazon\nContent-Type: text/plain; charset=\"utf-8\"\nContent-Transfer-Encoding: quoted-printable\n\nHello «name», here are the data for the integration, as we said by phone: Seller ID «seller|qp», token «token|qp», thanks.\n",
    ),
    file(
        Host::Bare,
        "sellers-csv",
        "export/sellers-«num».csv",
        "name,seller_id,marketplace_id,mws_auth_token\n«name»,«seller»,«market»,«token»",
    ),
];

const KEY_NAMES: &[Names] = &[
    &[
        ("mws access key id", "id"),
        ("mws secret access key", "secret"),
        ("mws seller id", "seller"),
        ("mws marketplace id", "market"),
    ],
    &[("mws access key", "id"), ("mws secret key", "secret")],
    &[("mws access key id", "early"), ("mws secret key", "secret"), ("mws merchant id", "seller")],
    &[("mws aws access key id", "id"), ("mws aws secret access key", "secret")],
    &[
        ("aws access key id", "id"),
        ("aws secret access key", "secret"),
        ("merchant id", "seller"),
        ("marketplace id", "market"),
    ],
    &[
        ("seller id", "seller"),
        ("mws auth token", "token"),
        ("access key", "id"),
        ("secret key", "secret"),
    ],
    &[("amazon seller id", "seller"), ("amazon access key", "id"), ("amazon secret key", "secret")],
    &[("sp api access key", "id"), ("sp api secret key", "secret"), ("sp api role arn", "role")],
    &[
        ("aws access key id", "id"),
        ("aws secret access key", "secret"),
        ("lwa client id", "client"),
    ],
    &[
        ("selling partner app client id", "client"),
        ("aws access key id", "id"),
        ("aws secret access key", "secret"),
    ],
];

const KEY_TEMPLATES: &[Template] = &[
    file(
        Host::Bare,
        "php-config",
        "lib/«Pascal»/Samples/.config.inc.php",
        "<?php\n/* «sentence» */\ndefine('DATE_FORMAT', 'Y-m-d\\TH:i:s\\Z');\n\ndefine('AWS_ACCESS_KEY_ID', '«id»');\ndefine('AWS_SECRET_ACCESS_KEY', '«secret»');\n\ndefine('APPLICATION_NAME', '«Noun»');\ndefine('APPLICATION_VERSION', '«version»');\n\ndefine('MERCHANT_ID', '«seller»');\ndefine('MARKETPLACE_ID', '«market»');\n",
    ),
    t(
        Host::Php,
        "mws-client",
        "$config = array('ServiceURL' => 'https://«mws_host»/Orders/2013-09-01', 'ProxyPort' => -1);\n$service = new MarketplaceWebServiceOrders_Client(\n    '«id»',\n    '«secret»',\n    '«Noun»',\n    '«version»',\n    $config);\n",
    ),
    t(
        Host::Php,
        "store",
        "$store['«noun»']['merchantId'] = '«seller»';\n$store['«noun»']['marketplaceId'] = '«market»';\n$store['«noun»']['keyId'] = '«id»';\n$store['«noun»']['secretKey'] = '«secret»';\n",
    ),
    t(
        Host::Php,
        "sp-api",
        "$config = new Configuration([\n    'lwaClientId' => '«client»',\n    'awsAccessKeyId' => '«id»',\n    'awsSecretAccessKey' => '«secret»',\n    'roleArn' => 'arn:aws:iam::«acct»:role/«kebab»',\n    'endpoint' => Endpoint::EU,\n]);\n",
    ),
    t(
        Host::Java,
        "orders-client",
        "private static final String accessKey = \"«id»\";\nprivate static final String secretKey = \"«secret»\";\nprivate static final String serviceURL = \"https://«mws_host»\";\n",
    ),
    t(
        Host::Java,
        "sp-api-credentials",
        "AWSAuthenticationCredentials «camel» = AWSAuthenticationCredentials.builder()\n    .accessKeyId(\"«id»\")\n    .secretKey(\"«secret»\")\n    .region(\"eu-west-1\")\n    .build();\nString endpoint«Noun» = \"https://sellingpartnerapi-eu.amazon.com\";\n",
    ),
    t(
        Host::CSharp,
        "orders-client",
        "private const string SellerId = \"«seller»\";\nprivate const string AccessKey = \"«id»\";\nprivate const string SecretKey = \"«secret»\";\nprivate const string MWSAuthToken = \"«token»\";\n",
    ),
    t(
        Host::Python,
        "mws",
        "orders_api = mws.Orders(\n    access_key='«id»',\n    secret_key='«secret»',\n    account_id='«seller»',\n    auth_token='«token»',\n)\n",
    ),
    t(
        Host::Python,
        "boto",
        "conn = boto.mws.connection.MWSConnection(\n    aws_access_key_id='«id»',\n    aws_secret_access_key='«secret»',\n    Merchant='«seller»',\n    SellerId='«seller»',\n)\n",
    ),
    t(
        Host::Python,
        "sp-api",
        "credentials = dict(\n    lwa_app_id='«client»',\n    aws_access_key='«id»',\n    aws_secret_key='«secret»',\n    role_arn='arn:aws:iam::«acct»:role/«kebab»',\n)\n",
    ),
    t(
        Host::Ruby,
        "peddler",
        "client = MWS.orders(\n  marketplace_id: '«market»',\n  merchant_id: '«seller»',\n  aws_access_key_id: '«id»',\n  aws_secret_access_key: '«secret»'\n)\n",
    ),
    t(
        Host::JavaScript,
        "mws-advanced",
        "mws.init({\n  accessKeyId: '«id»',\n  secretAccessKey: '«secret»',\n  merchantId: '«seller»',\n});\n",
    ),
    t(
        Host::TypeScript,
        "client",
        "const mws«Noun» = new HttpClient({\n  marketplace: amazonMarketplaces.CA,\n  awsAccessKeyId: '«id»',\n  mwsAuthToken: '«token»',\n  secretKey: '«secret»',\n  sellerId: '«seller»',\n});\n",
    ),
    t(
        Host::Go,
        "config",
        "var «camel»Config = gmws.MwsConfig{\n\tSellerId:  \"«seller»\",\n\tAccessKey: \"«id»\",\n\tSecretKey: \"«secret»\",\n}\n",
    ),
    t(
        Host::Mail,
        "handover",
        "Here are the Amazon MWS credentials of the «noun» shop:\n\nSeller ID: «seller»\nMarketplace ID: «market»\nAWS Access Key ID: «id»\nSecret Key: «secret»\n\nRegards\n",
    ),
    t(
        Host::Mail,
        "prose",
        "our MWS access key is «id» and the secret key is «secret», the merchant id «seller».\n",
    ),
    t(
        Host::Mail,
        "quoted",
        "> Merchant ID: «seller»\n> MWS Auth Token: «token»\n> Access Key: «id»\n> Secret Key: «secret»\n",
    ),
    t(
        Host::Slack,
        "message",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"MWS keys for «seller»:\\nAccess key «id»\\nSecret key «secret|slash»\",\n    \"ts\": \"«epoch».003200\"\n},\n",
    ),
    t(
        Host::Markdown,
        "ticket",
        "## MWS access of «company»\n\n* Seller ID: `«seller»`\n* Access key: `«id»`\n* Secret key: `«secret»`\n",
    ),
    t(
        Host::Html,
        "table",
        "<table>\n  <tr><td>Seller ID</td><td>«seller»</td></tr>\n  <tr><td>Access Key</td><td>«id»</td></tr>\n  <tr><td>Secret Key</td><td>«secret»</td></tr>\n</table>\n",
    ),
    t(
        Host::Json,
        "settings",
        "\"mws«num»\": {\n  \"accessKeyId\": \"«id»\",\n  \"secretAccessKey\": \"«secret|slash»\",\n  \"sellerId\": \"«seller»\",\n  \"marketplaceId\": \"«market»\"\n},\n",
    ),
    t(
        Host::Json,
        "sp-api",
        "\"credentials«num»\": {\n  \"SELLING_PARTNER_APP_CLIENT_ID\": \"«client»\",\n  \"AWS_ACCESS_KEY_ID\": \"«id»\",\n  \"AWS_SECRET_ACCESS_KEY\": \"«secret»\",\n  \"AWS_SELLING_PARTNER_ROLE\": \"arn:aws:iam::«acct»:role/«kebab»\"\n},\n",
    ),
    t(
        Host::JsonLog,
        "nested",
        "{\"time\":\"«iso»\",\"msg\":\"config {\\\"mwsAccessKey\\\":\\\"«id»\\\",\\\"mwsSecretKey\\\":\\\"«secret|slash|json»\\\"}\"}",
    ),
    t(
        Host::Xml,
        "web-config",
        "<appSettings>\n  <add key=\"MwsAccessKey\" value=\"«id»\" />\n  <add key=\"MwsSecretKey\" value=\"«secret»\" />\n  <add key=\"MwsSellerId\" value=\"«seller»\" />\n</appSettings>\n",
    ),
    t(
        Host::Xml,
        "elements",
        "<amazon>\n  <merchantId>«seller»</merchantId>\n  <marketplaceId>«market»</marketplaceId>\n  <accessKey>«id»</accessKey>\n  <secretKey>«secret»</secretKey>\n</amazon>\n",
    ),
    t(
        Host::Yaml,
        "settings",
        "«noun»«num»:\n  mws:\n    access_key: «id»\n    secret_key: \"«secret»\"\n    merchant_id: «seller»\n    marketplace_id: «market»\n",
    ),
    t(
        Host::Properties,
        "settings",
        "mws.access.key=«id»\nmws.secret.key=«secret»\nmws.seller.id=«seller»\n",
    ),
    t(
        Host::Properties,
        "escaped",
        "mws.endpoint=https\\://«mws_host»\naccessKey=«id»\nsecretKey=«secret|prop»\nsellerId=«seller»\n",
    ),
    t(
        Host::Log,
        "debug",
        "«iso» DEBUG mws client for seller_id=«seller» access_key=«id» secret_key=«secret»",
    ),
    t(Host::History, "export", "export MWS_ACCESS_KEY=«id» MWS_SECRET_KEY=«secret»"),
    t(
        Host::Sql,
        "insert",
        "INSERT INTO mws_accounts (merchant_id, marketplace_id, access_key, secret_key)\n  VALUES ('«seller»', '«market»', '«id»', '«secret»');\n-- merchant_id: «seller»\n",
    ),
    t(
        Host::Notebook,
        "cell",
        "{\n \"cell_type\": \"code\",\n \"execution_count\": «small»,\n \"metadata\": {},\n \"outputs\": [],\n \"source\": [\n  \"MWS_ACCESS_KEY = '«id»'\\n\",\n  \"MWS_SECRET_KEY = '«secret»'\\n\",\n  \"SELLER_ID = '«seller»'\\n\"\n ]\n},\n",
    ),
    t(
        Host::Env,
        "settings",
        "MWS_ENDPOINT=https://«mws_host»\nAWS_ACCESS_KEY_ID=«id»\nAWS_SECRET_ACCESS_KEY=«secret»\nSELLER_ID=«seller»\n",
    ),
];

const SECRET_TEMPLATES: &[Template] = &[
    t(
        Host::Java,
        "setter",
        "MarketplaceWebServiceOrdersConfig config«Noun» = new MarketplaceWebServiceOrdersConfig();\nconfig«Noun».setSecretKey(\"«secret»\");\n",
    ),
    t(Host::Php, "define", "define('MWS_SECRET_KEY', '«secret»');\n"),
    t(
        Host::Mail,
        "second-half",
        "The MWS secret key is «secret» - I sent the other one by phone.\n",
    ),
    t(Host::Mail, "list", "Seller ID: «seller»\nSecret Key: «secret»\n"),
    t(
        Host::Slack,
        "message",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"mws secret key: «secret|slash»\",\n    \"ts\": \"«epoch».003300\"\n},\n",
    ),
    t(Host::Log, "dump", "«iso» DEBUG env SELLER_ID=«seller» MWS_SECRET_KEY=«secret» SHLVL=1"),
    t(
        Host::JsonLog,
        "field",
        "{\"time\":\"«iso»\",\"seller_id\":\"«seller»\",\"secret_key\":\"«secret|slash»\"}",
    ),
    t(
        Host::Json,
        "settings",
        "\"mws«num»\": {\n  \"sellerId\": \"«seller»\",\n  \"secretKey\": \"«secret»\"\n},\n",
    ),
    t(
        Host::Xml,
        "settings",
        "<mws>\n  <sellerId>«seller»</sellerId>\n  <secretKey>«secret»</secretKey>\n</mws>\n",
    ),
    t(
        Host::Yaml,
        "settings",
        "«noun»«num»:\n  mws_secret_key: \"«secret»\"\n  mws_access_key: ${MWS_ACCESS_KEY}\n",
    ),
    t(Host::Properties, "settings", "mws.secretKey=«secret|prop»\n"),
    t(Host::Html, "cell", "<tr><td>MWS Secret Key</td><td>«secret»</td></tr>\n"),
    t(Host::CSharp, "constant", "private const string MwsSecretKey = \"«secret»\";\n"),
    t(
        Host::Python,
        "keyword",
        "api = mws.Reports(\n    access_key=os.environ['MWS_ACCESS_KEY'],\n    secret_key='«secret»',\n    account_id=os.environ['MWS_ACCOUNT_ID'],\n)\n",
    ),
    t(Host::Ruby, "fetch", "MWS_SECRET = ENV.fetch('MWS_SECRET_KEY', '«secret»')\n"),
    t(
        Host::JavaScript,
        "fallback",
        "const mwsSecret = process.env.MWS_SECRET_KEY || '«secret»';\n",
    ),
    t(Host::History, "export", "export MWS_SECRET_ACCESS_KEY=«secret»"),
    t(Host::Markdown, "list", "* merchant id `«seller»`\n* secret key `«secret»`\n"),
];

const REQUEST_TEMPLATES: &[Template] = &[
    t(Host::Log, "line", "«iso» DEBUG GET «url» 200 «ms»ms"),
    t(
        Host::Log,
        "with-secret",
        "«?secret»«iso» DEBUG mws access_key=«id» secret_key=«secret»\n«/»«iso» DEBUG GET «url»",
    ),
    t(Host::Log, "body", "«iso» DEBUG POST / body: «body»"),
    t(Host::Log, "quoted", "«public_ip» - - [«date»] \"GET «url» HTTP/1.1\" 200 «num»"),
    t(Host::History, "curl", "curl '«url»'"),
    t(Host::History, "curl-body", "curl -X POST -d '«body»' https://«mws_host»/"),
    t(
        Host::History,
        "with-secret",
        "«?secret»export MWS_ACCESS_KEY=«id» MWS_SECRET_KEY=«secret»\n«/»curl \"«url»\"",
    ),
    t(
        Host::JsonLog,
        "url",
        "{\"time\":\"«iso»\",\"level\":\"«level»\",\"url\":\"«url|slash»\",\"status\":«status»}",
    ),
    t(Host::JsonLog, "unicode", "{\"time\":\"«iso»\",\"level\":\"«level»\",\"url\":\"«url|uni»\"}"),
    t(
        Host::JsonLog,
        "nested",
        "{\"time\":\"«iso»\",\"msg\":\"{\\\"url\\\":\\\"«url|uni|json»\\\"}\"}",
    ),
    t(Host::Html, "anchor", "<p><a href=\"«url|xml»\">scratchpad</a></p>\n"),
    t(Host::Html, "twice", "<p>&lt;a href=&quot;«url|xml|xml»&quot;&gt;</p>\n"),
    t(Host::Xml, "element", "<request>\n  <url>«url|xml»</url>\n</request>\n"),
    t(Host::Mail, "scratchpad", "The scratchpad says:\n\n«url»\n\nbut I get an error.\n"),
    t(Host::Mail, "angle", "See <«url»>.\n"),
    t(
        Host::Slack,
        "link",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"<«url|slash»>\",\n    \"ts\": \"«epoch».003400\"\n},\n",
    ),
    t(Host::Markdown, "link", "[request](«url»)\n"),
    t(Host::Markdown, "code", "```\nGET «url»\n```\n"),
    t(Host::Python, "string", "url = '«url»'\n"),
    t(Host::JavaScript, "string", "const requestUrl = \"«url»\";\n"),
    t(Host::JavaScript, "hex", "var requestUrl = '«url|hexjs»';\n"),
    t(Host::Properties, "escaped", "mws.lastRequest=«url|prop»\n"),
    t(Host::Yaml, "cassette", "- request:\n    body: «body»\n    uri: https://«mws_host»/\n"),
    t(Host::Log, "redirect", "«iso» DEBUG GET https://«host»/proxy?url=«url|pct» 302"),
    t(
        Host::Json,
        "har",
        "\"request«num»\": {\n  \"method\": \"GET\",\n  \"url\": \"«url|json»\",\n  \"httpVersion\": \"HTTP/1.1\"\n},\n",
    ),
    file(
        Host::Bare,
        "mail",
        "mail/«user»/«num».eml",
        "From: «name» <«email»>\nSubject: MWS\nContent-Type: text/plain; charset=\"utf-8\"\nContent-Transfer-Encoding: quoted-printable\n\nThe request was:\n\n«url|qp»\n",
    ),
];
