//! Files of structured data and mark-up.

use super::{Assignment, Case, Host, Style, assign, group, inline};

/// The forms that encode their values in base64.
pub(crate) static ENCODED: [(Host, Assignment); 4] = [
    (
        Host::Yaml,
        group(
            Case::Upper,
            "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: «kebab»\ntype: Opaque\ndata:\n",
            "  «k»: «v|b64»",
            "---\n",
        ),
    ),
    (
        Host::Yaml,
        group(
            Case::Kebab,
            "---\napiVersion: v1\ndata:\n",
            "  «k»: \"«v|b64»\"",
            "kind: Secret\nmetadata:\n  name: «kebab»\n---\n",
        ),
    ),
    (
        Host::Json,
        group(
            Case::Upper,
            "\"item«num»\": {\n  \"apiVersion\": \"v1\",\n  \"data\": {\n",
            "    \"«k»\": \"«v|b64»\",",
            "    \"STAGE\": \"cHJvZA==\"\n  },\n  \"kind\": \"Secret\"\n},\n",
        ),
    ),
    (
        Host::Terraform,
        group(
            Case::Snake,
            "resource \"kubernetes_secret\" \"«snake»\" {\n  binary_data = {\n",
            "    «k» = \"«v|b64»\"",
            "  }\n}\n",
        ),
    ),
];

pub(super) static YAML: Style = Style {
    name: "yaml",
    paths: &[
        "deploy/«kebab».yaml",
        "k8s/«env»/«noun».yml",
        "docker-compose.«env».yml",
        ".github/workflows/«kebab».yml",
        "ansible/group_vars/«noun».yml",
        "config/«env»/«noun».yaml",
    ],
    head: "# «sentence»\n---\n",
    tail: "# end of «noun»\n",
    separator: "",
    indent: 0,
    filler: &[
        "«snake»«num»:\n  image: «company»/«noun1»:«version»\n  replicas: «small»\n  ports:\n    - \"«port»:«port2»\"\n  environment:\n    LOG_LEVEL: debug\n    «UPPER»: \"«num»\"\n",
        "«noun1»_«num»:\n  - name: «sentence»\n    command: «verb»-«noun2» --«adj» --limit «num2»\n    when: «noun3» == \"«noun4»\"\n",
        "# «sentence»\n«snake»«num»: «num2»\n«kebab»-«num3»: «bool»\n",
        "«noun1»s_«num»:\n  «noun2»:\n    host: «host»\n    timeout: «num2»\n    paths: [/«noun3», /«noun4»/«noun5»]\n",
    ],
    assignments: &[
        assign(Case::Upper, "«k»: «v|json»"),
        assign(Case::Snake, "«k»: \"«v|json»\""),
        group(Case::Upper, "«snake»«num»:\n  environment:\n", "    - «k»=«v|json»", ""),
        group(Case::Upper, "«snake»«num»:\n  environment:\n", "    «k»: '«v|json»'", ""),
        group(Case::Kebab, "«noun»«num»:\n", "  «k»: \"«v|json»\"", "  region: «region»\n"),
        group(
            Case::Camel,
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: «kebab»\nstringData:\n",
            "  «k»: \"«v|json»\"",
            "---\n",
        ),
        group(
            Case::Upper,
            "«noun»«num»:\n  env:\n",
            "    - name: «k»\n      value: \"«v|json»\"",
            "",
        ),
    ],
};

pub(super) static JSON: Style = Style {
    name: "json",
    paths: &[
        "config/«env».json",
        "«noun»/settings.json",
        "data/«kebab».json",
        "appsettings.«Noun».json",
        "infra/«noun»-parameters.json",
    ],
    head: "{\n",
    tail: "  \"formatVersion\": \"«version»\"\n}\n",
    separator: "",
    indent: 2,
    filler: &[
        "\"«camel»«num»\": {\n  \"«noun1»\": \"«sentence»\",\n  \"«noun2»\": «num2»,\n  \"«adj»\": «bool»,\n  \"«noun3»\": [\n    \"«kebab1»\",\n    \"«kebab2»\"\n  ]\n},\n",
        "\"«noun»«num»\": [\n  {\n    \"id\": «num1»,\n    \"name\": \"«Pascal»\",\n    \"createdAt\": \"«iso»\"\n  },\n  {\n    \"id\": «num2»,\n    \"name\": \"«Pascal2»\",\n    \"createdAt\": \"«iso2»\"\n  }\n],\n",
        "\"«camel»«num1»\": \"«kebab»\",\n\"«camel2»«num2»\": «num3»,\n\"«camel3»«num4»\": null,\n",
    ],
    assignments: &[
        group(
            Case::Camel,
            "\"«noun»«num»\": {\n",
            "  \"«k»\": \"«v|json»\",",
            "  \"region\": \"«region»\"\n},\n",
        ),
        group(
            Case::Pascal,
            "\"«Noun»«num»\": {\n",
            "  \"«k»\": \"«v|slash»\",",
            "  \"Enabled\": «bool»\n},\n",
        ),
        group(
            Case::Upper,
            "\"«snake»_env_«num»\": {\n",
            "  \"«k»\": \"«v|json»\",",
            "  \"STAGE\": \"«env»\"\n},\n",
        ),
        group(
            Case::Upper,
            "\"environment«num»\": [\n",
            "  {\"name\": \"«k»\", \"value\": \"«v|json»\"},",
            "  {\"name\": \"STAGE\", \"value\": \"«env»\"}\n],\n",
        ),
        group(
            Case::Snake,
            "\"«noun»«num»\": {\n",
            "  \"«k»\": \"«v|uni»\",",
            "  \"updated\": «epoch»\n},\n",
        ),
    ],
};

pub(super) static TERRAFORM: Style = Style {
    name: "terraform",
    paths: &[
        "terraform/«noun»/main.tf",
        "infra/«env»/«noun».tf",
        "modules/«noun»/variables.tf",
        "env/«env».tfvars",
    ],
    head: "# «sentence»\nterraform {\n  required_version = \">= 1.5\"\n}\n\n",
    tail: "\n# end\n",
    separator: "\n",
    indent: 0,
    filler: &[
        "resource \"aws_s3_bucket\" \"«snake»_«num»\" {\n  bucket = \"«bucket»\"\n  acl    = \"private\"\n\n  tags = {\n    Name        = \"«kebab»\"\n    Environment = \"«env»\"\n  }\n}\n",
        "variable \"«snake»_«num»\" {\n  description = \"«sentence»\"\n  type        = number\n  default     = «num2»\n}\n",
        "module \"«noun1»_«num»\" {\n  source    = \"../modules/«noun2»\"\n  vpc_cidr  = \"«ip»/16\"\n  instances = «small»\n}\n",
        "output \"«snake»_«num»\" {\n  value = aws_s3_bucket.«noun»_«noun2».arn\n}\n",
    ],
    assignments: &[
        assign(Case::Snake, "«k» = \"«v|json»\""),
        group(Case::Snake, "locals {\n", "  «k» = \"«v|json»\"", "}\n"),
        group(
            Case::Snake,
            "provider \"«noun»\" {\n",
            "  «k» = \"«v|json»\"",
            "  region = \"«region»\"\n}\n",
        ),
        group(
            Case::Upper,
            "resource \"aws_lambda_function\" \"«snake»\" {\n  environment {\n    variables = {\n",
            "      «k» = \"«v|json»\"",
            "    }\n  }\n}\n",
        ),
        group(
            Case::Snake,
            "",
            "variable \"«k»\" {\n  type    = string\n  default = \"«v|json»\"\n}\n",
            "",
        ),
    ],
};

pub(super) static TOML: Style = Style {
    name: "toml",
    paths: &["«noun».toml", "config/«env».toml", "«noun»/netlify.toml"],
    head: "# «sentence»\ntitle = \"«kebab»\"\n\n",
    tail: "\n# end\n",
    separator: "\n",
    indent: 0,
    filler: &[
        "[«noun1».«noun2»«num»]\nenabled = «bool»\nlimit = «num2»\nname = \"«kebab»\"\ntags = [\"«noun3»\", \"«noun4»\"]\n",
        "[[«noun1»s]]\nid = «num»\npath = \"/srv/«noun2»/«noun3»\"\n# «sentence»\n",
    ],
    assignments: &[
        group(Case::Snake, "[«noun».«noun2»«num»]\n", "«k» = \"«v|json»\"", ""),
        group(Case::Upper, "[env.«noun»«num»]\n", "«k» = \"«v|json»\"", "LOG = \"info\"\n"),
    ],
};

pub(super) static XML: Style = Style {
    name: "xml",
    paths: &[
        "conf/«noun»-site.xml",
        "src/main/resources/«kebab».xml",
        "«noun»/web.config",
        "config/«noun».xml",
    ],
    head: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- «sentence» -->\n<configuration>\n",
    tail: "</configuration>\n",
    separator: "",
    indent: 2,
    filler: &[
        "<property>\n  <name>«noun1».«noun2».«noun3»</name>\n  <value>«num»</value>\n  <description>«sentence»</description>\n</property>\n",
        "<«noun1» id=\"«num»\" enabled=\"«bool»\">\n  <«noun2»>«kebab»</«noun2»>\n  <!-- «sentence» -->\n</«noun1»>\n",
        "<dependency>\n  <groupId>com.«company»</groupId>\n  <artifactId>«kebab»</artifactId>\n  <version>«version»</version>\n</dependency>\n",
    ],
    assignments: &[
        assign(Case::Camel, "<«k»>«v|xml»</«k»>"),
        group(
            Case::Pascal,
            "<appSettings>\n",
            "  <add key=\"«k»\" value=\"«v|xml»\" />",
            "</appSettings>\n",
        ),
        assign(
            Case::Dotted,
            "<property>\n  <name>«k»</name>\n  <value>«v|xml»</value>\n</property>",
        ),
        group(Case::Snake, "<«noun»>\n", "  <string name=\"«k»\">«v|xml»</string>", "</«noun»>\n"),
    ],
};

pub(super) static HTML: Style = Style {
    name: "html",
    paths: &["docs/«kebab».html", "exports/«noun»-«date».html", "wiki/«Pascal».html"],
    head: "<!DOCTYPE html>\n<html>\n<head><title>«sentence»</title></head>\n<body>\n",
    tail: "</body>\n</html>\n",
    separator: "",
    indent: 0,
    filler: &[
        "<div class=\"«kebab»\">\n  <h2>«sentence»</h2>\n  <p>«sentence2», and «sentence3».</p>\n</div>\n",
        "<ul>\n  <li><a href=\"/«noun1»/«num»\">«Noun2»</a></li>\n  <li><a href=\"/«noun3»/«num2»\">«Noun4» &amp; «noun5»</a></li>\n</ul>\n",
        "<script>\n  window.«camel» = window.«camel» || { «noun1»: «num», «noun2»: '«kebab»' };\n</script>\n",
    ],
    assignments: &[
        group(Case::Upper, "<table>\n", "  <tr><td>«k»</td><td>«v|xml»</td></tr>", "</table>\n"),
        group(Case::Pascal, "<dl>\n", "  <dt>«k»</dt><dd><code>«v|xml»</code></dd>", "</dl>\n"),
        group(
            Case::Camel,
            "<script>\n  var settings = {\n",
            "    «k»: \"«v|json»\",",
            "    debug: «bool»\n  };\n</script>\n",
        ),
        group(
            Case::Snake,
            "<form>\n",
            "  <input type=\"hidden\" name=\"«k»\" value=\"«v|xml»\">",
            "</form>\n",
        ),
    ],
};

pub(super) static JSON_LOG: Style = Style {
    name: "json-log",
    paths: &[
        "logs/«kebab»-«date».jsonl",
        "var/log/«noun».json.log",
        "cloudwatch/«noun»-«num».ndjson",
    ],
    head: "",
    tail: "",
    separator: "",
    indent: 0,
    filler: &[
        "{\"time\":\"«iso»\",\"level\":\"«level»\",\"service\":\"«kebab»\",\"msg\":\"«sentence»\",\"duration_ms\":«ms»,\"request_id\":\"«uuid»\"}",
        "{\"@timestamp\":\"«iso»\",\"log.level\":\"«level»\",\"http\":{\"method\":\"«method»\",\"path\":\"«urlpath»\",\"status\":«status»},\"client\":{\"ip\":\"«public_ip»\"}}",
        "{\"time\":\"«iso»\",\"level\":\"«level»\",\"msg\":\"«sentence»\",\"commit\":\"«hex40»\",\"«noun1»\":«num»}",
    ],
    assignments: &[
        inline(
            Case::Upper,
            "{\"time\":\"«iso»\",\"level\":\"«level»\",\"msg\":\"dump of the environment\",\"env\":[",
            "\"«k»=«v|json»\",",
            "\"HOME=/root\"]}",
        ),
        inline(
            Case::Camel,
            "{\"time\":\"«iso»\",\"level\":\"«level»\",\"msg\":\"«sentence»\",\"config\":{",
            "\"«k»\":\"«v|json»\",",
            "\"stage\":\"«env»\"}}",
        ),
        inline(
            Case::Snake,
            "{\"time\":\"«iso»\",\"level\":\"«level»\",\"msg\":\"loaded {\\\"stage\\\":\\\"«env»\\\"",
            ",\\\"«k»\\\":\\\"«v|json|json»\\\"",
            "}\"}",
        ),
    ],
};

pub(super) static SLACK: Style = Style {
    name: "slack",
    paths: &["slack-export/«noun»/«date».json", "exports/channels/«kebab»/«date».json"],
    head: "[\n",
    tail: "    {\n        \"type\": \"message\",\n        \"user\": \"«slack»\",\n        \"text\": \"thanks!\",\n        \"ts\": \"«epoch».000200\"\n    }\n]\n",
    separator: "",
    indent: 4,
    filler: &[
        "{\n    \"client_msg_id\": \"«uuid»\",\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"«sentence»\",\n    \"ts\": \"«epoch».«port»00\",\n    \"team\": \"T0«id9»\"\n},\n",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"«name»: «sentence»?\\n> «sentence2»\",\n    \"ts\": \"«epoch».«port»00\",\n    \"reactions\": [{\"name\": \"+1\", \"users\": [\"«slack2»\"], \"count\": 1}]\n},\n",
    ],
    assignments: &[],
};

pub(super) static NOTEBOOK: Style = Style {
    name: "notebook",
    paths: &["notebooks/«snake».ipynb", "analysis/«noun»_«date».ipynb"],
    head: "{\n \"cells\": [\n",
    tail: "  {\n   \"cell_type\": \"markdown\",\n   \"metadata\": {},\n   \"source\": [\"«sentence»\"]\n  }\n ],\n \"metadata\": {\"kernelspec\": {\"display_name\": \"Python 3\", \"name\": \"python3\"}},\n \"nbformat\": 4,\n \"nbformat_minor\": 5\n}\n",
    separator: "",
    indent: 2,
    filler: &[
        "{\n \"cell_type\": \"code\",\n \"execution_count\": «small»,\n \"metadata\": {},\n \"outputs\": [\n  {\"name\": \"stdout\", \"output_type\": \"stream\", \"text\": [\"«sentence»\\n\", \"«num1» rows x «small2» columns\\n\"]}\n ],\n \"source\": [\n  \"«noun1» = «snake»(«num2»)\\n\",\n  \"«noun1».head()\"\n ]\n},\n",
        "{\n \"cell_type\": \"markdown\",\n \"metadata\": {},\n \"source\": [\n  \"## «sentence»\\n\",\n  \"\\n\",\n  \"«sentence2».\"\n ]\n},\n",
        "{\n \"cell_type\": \"code\",\n \"execution_count\": «small»,\n \"metadata\": {},\n \"outputs\": [\n  {\"data\": {\"image/png\": \"«png»\\n\"}, \"metadata\": {}, \"output_type\": \"display_data\"}\n ],\n \"source\": [\"df.«noun1».plot(figsize=(«small2», «small3»))\"]\n},\n",
    ],
    assignments: &[],
};
