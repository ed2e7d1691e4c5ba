//! Keys of single services that are recognised by their own prefix or name.

use super::{Family, Maker, Mixing, Names, t};
use crate::{
    host::Host,
    template::Slots,
    value::{aws_key, aws_service},
    vocabulary,
};

pub(super) static SERVICE_TOKEN: Family = Family {
    detector: "aws-service-token",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[],
    templates: &[
        t(Host::Log, "line", "«iso» DEBUG service bearer token «value» issued for «kebab»"),
        t(Host::Python, "call", "session = connect(token=\"«value»\", region=\"«region»\")\n"),
        t(
            Host::JsonLog,
            "field",
            "{\"time\":\"«iso»\",\"level\":\"«level»\",\"bearer\":\"«value»\",\"msg\":\"«sentence»\"}",
        ),
        t(Host::Markdown, "list", "* service token: `«value»` («sentence»)\n"),
        t(Host::Mail, "plain", "The context credential is «value», please keep it.\n"),
    ],
    names: &[
        &[("aws bearer token", "value")],
        &[("service token", "value")],
        &[("aws credential", "value")],
    ],
    bind: |maker, slots| {
        let account = aws_key::account(&mut maker.draw);
        let prefix = *maker.draw.pick(&["ABIA", "ACCA"]);
        let id = aws_key::key_id(&mut maker.draw, prefix, account);
        slots.plant("value", "aws-service-token", id);
    },
};

pub(super) static BEDROCK_KEY: Family = Family {
    detector: "aws-bedrock-key",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[],
    templates: &[
        t(
            Host::Shell,
            "curl",
            "curl -s https://bedrock-runtime.«region».amazonaws.com/model/anthropic.claude-v2/invoke \\\n  -H 'Authorization: Bearer «value»' -d @«noun».json\n",
        ),
        t(Host::History, "export", "export AWS_BEARER_TOKEN_BEDROCK=«value»"),
        t(Host::Python, "environ", "os.environ[\"AWS_BEARER_TOKEN_BEDROCK\"] = \"«value»\"\n"),
        t(Host::TypeScript, "header", "const headers = { Authorization: 'Bearer «value»' };\n"),
        t(
            Host::Yaml,
            "litellm",
            "model_list_«num»:\n  - model_name: bedrock/«noun»\n    litellm_params:\n      api_key: «value»\n      aws_region_name: «region»\n",
        ),
        t(Host::Json, "slashes", "\"bedrock«num»\": {\n  \"apiKey\": \"«value|slash»\"\n},\n"),
        t(Host::Log, "header", "«iso» DEBUG > Authorization: Bearer «value»"),
        t(
            Host::JsonLog,
            "nested",
            "{\"time\":\"«iso»\",\"msg\":\"{\\\"headers\\\":{\\\"authorization\\\":\\\"Bearer «value|json|json»\\\"}}\"}",
        ),
        t(
            Host::Notebook,
            "cell",
            "{\n \"cell_type\": \"code\",\n \"execution_count\": «small»,\n \"metadata\": {},\n \"outputs\": [],\n \"source\": [\n  \"%env AWS_BEARER_TOKEN_BEDROCK=«value»\\n\"\n ]\n},\n",
        ),
    ],
    names: &[
        &[("aws bearer token bedrock", "value")],
        &[("bedrock api key", "value")],
        &[("api key", "value")],
    ],
    bind: bind_bedrock,
};

fn bind_bedrock(maker: &mut Maker, slots: &mut Slots) {
    let draw = &mut maker.draw;
    let account = aws_key::account(draw);
    let user = draw.chance(0.25).then(|| vocabulary::word(draw, "user"));
    let key = aws_service::bedrock_key(draw, user.as_deref(), account);
    slots.plant("value", "aws-bedrock-key", key);
}

const APPSYNC_NAMES: &[Names] = &[
    &[("appsync api key", "value")],
    &[("graphql api key", "value")],
    &[("aws appsync apiKey", "value")],
    &[("api key", "value")],
];

pub(super) static APPSYNC_KEY: Family = Family {
    detector: "aws-appsync-key",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[],
    templates: &[
        t(
            Host::JavaScript,
            "amplify",
            "const awsmobile = {\n  aws_project_region: '«region»',\n  aws_appsync_graphqlEndpoint: 'https://«id26».appsync-api.«region».amazonaws.com/graphql',\n  aws_appsync_authenticationType: 'API_KEY',\n  aws_appsync_apiKey: '«value»',\n};\n",
        ),
        t(
            Host::Shell,
            "curl",
            "curl -X POST -H 'x-api-key: «value»' https://«id26».appsync-api.«region».amazonaws.com/graphql\n",
        ),
        t(
            Host::Json,
            "cdk-outputs",
            "\"«Noun»Stack«num»\": {\n  \"GraphQLAPIURL\": \"https://«id26».appsync-api.«region».amazonaws.com/graphql\",\n  \"GraphQLAPIKey\": \"«value»\"\n},\n",
        ),
        t(
            Host::Kotlin,
            "builder",
            "private val «noun»Client = ApolloClient.Builder()\n    .addHttpHeader(\"x-api-key\", \"«value»\")\n    .build()\n",
        ),
        t(Host::Log, "header", "«iso» DEBUG x-api-key: «value»"),
        t(
            Host::Slack,
            "message",
            "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"the graphql key is `«value»`\",\n    \"ts\": \"«epoch».000700\"\n},\n",
        ),
    ],
    names: APPSYNC_NAMES,
    bind: |maker, slots| {
        let key = aws_service::appsync_key(&mut maker.draw);
        slots.plant("value", "aws-appsync-key", key);
    },
};

const COGNITO_NAMES: &[Names] = &[
    &[("user pool id", "pool"), ("client id", "client"), ("client secret", "value")],
    &[("cognito client id", "client"), ("cognito client secret", "value")],
    &[
        ("cognito user pool id", "pool"),
        ("app client id", "client"),
        ("app client secret", "value"),
    ],
    &[("cognito domain", "domain_name"), ("cognito app client secret", "value")],
];

pub(super) static COGNITO_CLIENT_SECRET: Family = Family {
    detector: "aws-cognito-client-secret",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[],
    templates: &[
        t(
            Host::Json,
            "describe-client",
            "\"UserPoolClient«num»\": {\n  \"UserPoolId\": \"«pool»\",\n  \"ClientName\": \"«kebab»\",\n  \"ClientId\": \"«client»\",\n  \"ClientSecret\": \"«value»\",\n  \"RefreshTokenValidity\": 30\n},\n",
        ),
        t(
            Host::Json,
            "tfstate",
            "\"resource«num»\": {\n  \"type\": \"aws_cognito_user_pool_client\",\n  \"name\": \"«snake»\",\n  \"instances\": [\n    {\n      \"attributes\": {\n        \"client_secret\": \"«value»\",\n        \"id\": \"«client»\",\n        \"user_pool_id\": \"«pool»\"\n      }\n    }\n  ]\n},\n",
        ),
        t(
            Host::Python,
            "secret-hash",
            "def cognito_secret_hash(username):\n    client_id = '«client»'\n    client_secret = '«value»'\n    return hmac.new(client_secret.encode(), (username + client_id).encode(), 'sha256')\n",
        ),
        t(
            Host::JavaScript,
            "passport",
            "passport.use(new CognitoStrategy({\n  userPoolId: '«pool»',\n  clientID: '«client»',\n  clientSecret: '«value»',\n  region: '«region»',\n}));\n",
        ),
        t(
            Host::Shell,
            "token-endpoint",
            "curl -X POST 'https://«kebab».auth.«region».amazoncognito.com/oauth2/token' \\\n  -d 'grant_type=client_credentials' -d 'client_id=«client»' \\\n  -d 'client_secret=«value»'\n",
        ),
        t(
            Host::Yaml,
            "alb",
            "«noun»«num»:\n  auth:\n    type: cognito\n    userPoolId: «pool»\n    clientId: «client»\n    clientSecret: «value»\n",
        ),
        t(
            Host::Properties,
            "spring-security",
            "spring.security.oauth2.client.registration.cognito.client-id=«client»\nspring.security.oauth2.client.registration.cognito.client-secret=«value»\n",
        ),
    ],
    names: COGNITO_NAMES,
    bind: |maker, slots| {
        let draw = &mut maker.draw;
        let region = *draw.pick(vocabulary::REGIONS);
        slots.set("region", region);
        slots.set("pool", format!("{region}_{}", vocabulary::word(draw, "id9")));
        slots.set("client", vocabulary::word(draw, "id26"));
        let domain = vocabulary::word(draw, "kebab");
        slots.set("domain_name", format!("{domain}.auth.{region}.amazoncognito.com"));
        slots.plant("value", "aws-cognito-client-secret", aws_service::cognito_client_secret(draw));
    },
};
