//! Passwords of databases in settings: variables, blocks, calls.

use super::{Family, Maker, Mixing, Names, Template, file, t};
use crate::{
    host::Host, label::Role, template::Slots, value::database_server, vocabulary, wrap::Wrap,
};

pub(super) const FAMILIES: &[&Family] = &[&CONFIG];

const DETECTOR: &str = "database-config";

/// Binds `host`, `user`, `database` and the password: `password` needs no quotes
/// anywhere, `strong` has all signs.
pub(super) fn bind(maker: &mut Maker, slots: &mut Slots, detector: &'static str) {
    let draw = &mut maker.draw;
    let (host, _) = database_server::host(draw);
    slots.set("db_host", host);
    slots.set("db_user", vocabulary::word(draw, "snake"));
    slots.set("db_name", vocabulary::word(draw, "snake"));
    let plain = database_server::password(draw, true);
    let strong = database_server::password(draw, false);
    slots.claim("password", detector, Role::Plant, None, plain);
    slots.claim("strong", detector, Role::Plant, None, strong);
}

const NAMES: &[Names] = &[
    &[
        ("db host", "db_host"),
        ("db user", "db_user"),
        ("db password", "password"),
        ("db name", "db_name"),
    ],
    &[("db password", "password")],
    &[("db pass", "password")],
    &[("database password", "password")],
    &[
        ("database host", "db_host"),
        ("database username", "db_user"),
        ("database password", "password"),
    ],
    &[("postgres user", "db_user"), ("postgres password", "password")],
    &[("postgres host", "db_host"), ("postgres password", "password"), ("postgres db", "db_name")],
    &[("mysql host", "db_host"), ("mysql user", "db_user"), ("mysql password", "password")],
    &[("mysql root password", "password")],
    &[("mysql pwd", "password")],
    &[("mariadb password", "password")],
    &[("mongo initdb root username", "db_user"), ("mongo initdb root password", "password")],
    &[("mongodb password", "password")],
    &[("mssql sa password", "password")],
    &[("redis host", "db_host"), ("redis password", "password")],
    &[("rabbitmq default user", "db_user"), ("rabbitmq default pass", "password")],
    &[("elastic password", "password")],
    &[("clickhouse password", "password")],
    &[("mb db pass", "password")],
    &[("app db passwd", "password")],
    &[("spring datasource password", "password")],
    &[("spring redis password", "password")],
    &[("pg host", "db_host"), ("pg password", "password")],
    &[("prod db password", "password")],
    &[("rds host", "db_host"), ("rds password", "password")],
];

const TEMPLATES: &[Template] = &[
    t(
        Host::Env,
        "laravel",
        "DB_CONNECTION=mysql\nDB_HOST=«db_host»\nDB_PORT=3306\nDB_DATABASE=«db_name»\nDB_USERNAME=«db_user»\nDB_PASSWORD=«password»\n",
    ),
    t(
        Host::Env,
        "libpq",
        "PGHOST=«db_host»\nPGUSER=«db_user»\nPGPASSWORD=«password»\nPGDATABASE=«db_name»\n",
    ),
    t(Host::Env, "quoted", "MYSQL_ROOT_PASSWORD=\"«strong|json»\"\n"),
    t(Host::Env, "redis", "REDISCLI_AUTH=«password»\n"),
    t(Host::Env, "neo4j", "NEO4J_AUTH=neo4j/«password»\n"),
    t(
        Host::Python,
        "django",
        "DATABASES = {\n    'default': {\n        'ENGINE': 'django.db.backends.postgresql',\n        'NAME': '«db_name»',\n        'USER': '«db_user»',\n        'PASSWORD': '«password»',\n        'HOST': '«db_host»',\n        'PORT': '5432',\n    }\n}\n",
    ),
    t(
        Host::Python,
        "psycopg2",
        "conn = psycopg2.connect(host=\"«db_host»\", dbname=\"«db_name»\", user=\"«db_user»\", password=\"«strong|json»\")\n",
    ),
    t(
        Host::Python,
        "pymysql",
        "connection = pymysql.connect(\n    host='«db_host»',\n    user='«db_user»',\n    password='«password»',\n    database='«db_name»',\n)\n",
    ),
    t(Host::Python, "getenv", "DB_PASSWORD = os.getenv(\"DB_PASSWORD\", \"«strong|json»\")\n"),
    t(
        Host::Python,
        "redis",
        "r = redis.Redis(host='«db_host»', port=6379, password='«password»', db=0)\n",
    ),
    t(
        Host::Yaml,
        "rails",
        "production:\n  adapter: postgresql\n  encoding: unicode\n  database: «db_name»\n  host: «db_host»\n  pool: 5\n  username: «db_user»\n  password: «password»\n",
    ),
    t(
        Host::Yaml,
        "rails-quoted",
        "staging_«num»:\n  adapter: mysql2\n  database: «db_name»\n  username: «db_user»\n  password: \"«strong|json»\"\n  host: «db_host»\n",
    ),
    t(
        Host::Yaml,
        "compose-map",
        "db«num»:\n  image: postgres:15\n  environment:\n    POSTGRES_USER: «db_user»\n    POSTGRES_PASSWORD: «password»\n    POSTGRES_DB: «db_name»\n",
    ),
    t(
        Host::Yaml,
        "compose-list",
        "mysql«num»:\n  image: mysql:8\n  environment:\n    - MYSQL_ROOT_PASSWORD=«password»\n    - MYSQL_DATABASE=«db_name»\n",
    ),
    t(
        Host::Yaml,
        "kubernetes",
        "«kebab»«num»:\n  env:\n    - name: DB_HOST\n      value: «db_host»\n    - name: DB_PASSWORD\n      value: \"«strong|json»\"\n",
    ),
    t(
        Host::Yaml,
        "spring",
        "spring«num»:\n  datasource:\n    url: jdbc:mysql://«db_host»:3306/«db_name»\n    username: «db_user»\n    password: «password»\n",
    ),
    t(
        Host::Yaml,
        "dbt",
        "«snake»«num»:\n  target: dev\n  outputs:\n    dev:\n      type: postgres\n      host: «db_host»\n      user: «db_user»\n      pass: «password»\n      port: 5432\n      dbname: «db_name»\n",
    ),
    t(
        Host::Yaml,
        "grafana",
        "datasources_«num»:\n  - name: «Noun»\n    type: postgres\n    url: «db_host»:5432\n    user: «db_user»\n    secureJsonData:\n      password: '«password»'\n",
    ),
    t(
        Host::Properties,
        "spring",
        "spring.datasource.url=jdbc:postgresql://«db_host»:5432/«db_name»\nspring.datasource.username=«db_user»\nspring.datasource.password=«password»\n",
    ),
    t(
        Host::Properties,
        "spring-redis",
        "spring.redis.host=«db_host»\nspring.redis.password=«password|prop»\n",
    ),
    t(
        Host::Properties,
        "hibernate",
        "hibernate.connection.url=jdbc:mysql://«db_host»/«db_name»\nhibernate.connection.username=«db_user»\nhibernate.connection.password=«password|prop»\n",
    ),
    t(
        Host::Php,
        "wordpress",
        "define( 'DB_NAME', '«db_name»' );\ndefine( 'DB_USER', '«db_user»' );\ndefine( 'DB_PASSWORD', '«password»' );\ndefine( 'DB_HOST', '«db_host»' );\n",
    ),
    t(
        Host::Php,
        "joomla",
        "class JConfig {\n\tpublic $dbtype = 'mysqli';\n\tpublic $host = '«db_host»';\n\tpublic $user = '«db_user»';\n\tpublic $password = '«password»';\n\tpublic $db = '«db_name»';\n}\n",
    ),
    t(
        Host::Php,
        "magento",
        "'db' => [\n    'connection' => [\n        'default' => [\n            'host' => '«db_host»',\n            'dbname' => '«db_name»',\n            'username' => '«db_user»',\n            'password' => '«password»',\n        ]\n    ]\n],\n",
    ),
    t(Host::Php, "laravel-default", "'password' => env('DB_PASSWORD', '«password»'),\n"),
    t(
        Host::JavaScript,
        "mysql",
        "const «camel»Connection = mysql.createConnection({\n  host: '«db_host»',\n  user: '«db_user»',\n  password: '«password»',\n  database: '«db_name»',\n});\n",
    ),
    t(
        Host::JavaScript,
        "knex",
        "module.exports.«noun» = {\n  client: 'pg',\n  connection: { host: '«db_host»', user: '«db_user»', password: '«password»', database: '«db_name»' },\n};\n",
    ),
    t(Host::JavaScript, "fallback", "const pass = process.env.DB_PASS || '«password»';\n"),
    t(
        Host::TypeScript,
        "typeorm",
        "export const «noun»Source = new DataSource({\n  type: 'postgres',\n  host: '«db_host»',\n  port: 5432,\n  username: '«db_user»',\n  password: '«strong|json»',\n  database: '«db_name»',\n});\n",
    ),
    t(
        Host::Json,
        "sequelize",
        "\"production\": {\n  \"username\": \"«db_user»\",\n  \"password\": \"«strong|json»\",\n  \"database\": \"«db_name»\",\n  \"host\": \"«db_host»\",\n  \"dialect\": \"mysql\"\n},\n",
    ),
    t(
        Host::Json,
        "secrets-manager",
        "\"SecretString«num»\": \"{\\\"username\\\":\\\"«db_user»\\\",\\\"password\\\":\\\"«strong|json|json»\\\",\\\"engine\\\":\\\"postgres\\\",\\\"host\\\":\\\"«db_host»\\\",\\\"port\\\":5432,\\\"dbInstanceIdentifier\\\":\\\"«kebab»\\\"}\",\n",
    ),
    t(
        Host::Json,
        "task-definition",
        "\"environment«num»\": [\n  { \"name\": \"DB_HOST\", \"value\": \"«db_host»\" },\n  { \"name\": \"DB_PASSWORD\", \"value\": \"«strong|slash»\" }\n],\n",
    ),
    t(
        Host::JsonLog,
        "config-dump",
        "{\"time\":\"«iso»\",\"level\":\"DEBUG\",\"msg\":\"config: {\\\"db\\\":{\\\"host\\\":\\\"«db_host»\\\",\\\"user\\\":\\\"«db_user»\\\",\\\"password\\\":\\\"«strong|json|json»\\\"}}\"}",
    ),
    t(
        Host::JsonLog,
        "field",
        "{\"time\":\"«iso»\",\"db_host\":\"«db_host»\",\"db_password\":\"«strong|uni»\",\"msg\":\"«sentence»\"}",
    ),
    t(
        Host::Xml,
        "tomcat",
        "<Resource name=\"jdbc/«camel»\" auth=\"Container\" type=\"javax.sql.DataSource\" username=\"«db_user»\" password=\"«strong|xml»\" driverClassName=\"org.postgresql.Driver\" url=\"jdbc:postgresql://«db_host»:5432/«db_name»\"/>\n",
    ),
    t(
        Host::Xml,
        "jboss",
        "<datasource jndi-name=\"java:/«camel»\">\n  <connection-url>jdbc:mysql://«db_host»:3306/«db_name»</connection-url>\n  <driver>mysql</driver>\n  <security>\n    <user-name>«db_user»</user-name>\n    <password>«strong|xml»</password>\n  </security>\n</datasource>\n",
    ),
    t(
        Host::Xml,
        "persistence",
        "<properties>\n  <property name=\"javax.persistence.jdbc.url\" value=\"jdbc:postgresql://«db_host»/«db_name»\"/>\n  <property name=\"javax.persistence.jdbc.user\" value=\"«db_user»\"/>\n  <property name=\"javax.persistence.jdbc.password\" value=\"«strong|xml»\"/>\n</properties>\n",
    ),
    t(
        Host::Xml,
        "hibernate",
        "<session-factory>\n  <property name=\"connection.url\">jdbc:mysql://«db_host»/«db_name»</property>\n  <property name=\"connection.username\">«db_user»</property>\n  <property name=\"connection.password\">«strong|xml»</property>\n</session-factory>\n",
    ),
    t(
        Host::Terraform,
        "instance",
        "resource \"aws_db_instance\" \"«snake»_«num»\" {\n  engine   = \"postgres\"\n  username = \"«db_user»\"\n  password = \"«strong|json»\"\n}\n",
    ),
    t(
        Host::Toml,
        "database",
        "[database.«noun»«num»]\nhost = \"«db_host»\"\nuser = \"«db_user»\"\npassword = \"«strong|json»\"\nname = \"«db_name»\"\n",
    ),
    t(
        Host::Ini,
        "section",
        "[mysql-«num»]\nhost = «db_host»\nuser = «db_user»\npassword = «password»\n",
    ),
    t(Host::Dockerfile, "env", "ENV POSTGRES_PASSWORD «password»\n"),
    t(
        Host::Dockerfile,
        "env-equals",
        "ENV MYSQL_ROOT_PASSWORD=«password» MYSQL_DATABASE=«db_name»\n",
    ),
    t(
        Host::Shell,
        "docker-run",
        "docker run -d --name «kebab» -e POSTGRES_PASSWORD='«password»' -p 5432:5432 postgres:15\n",
    ),
    t(
        Host::Go,
        "struct",
        "cfg := mysql.Config{\n\tUser:   \"«db_user»\",\n\tPasswd: \"«strong|json»\",\n\tNet:    \"tcp\",\n\tAddr:   \"«db_host»:3306\",\n\tDBName: \"«db_name»\",\n}\n",
    ),
    t(Host::Go, "const", "const dbPassword = \"«strong|json»\"\n"),
    t(
        Host::Java,
        "hikari",
        "HikariConfig config = new HikariConfig();\nconfig.setJdbcUrl(\"jdbc:postgresql://«db_host»:5432/«db_name»\");\nconfig.setUsername(\"«db_user»\");\nconfig.setPassword(\"«strong|json»\");\n",
    ),
    t(Host::Java, "constant", "private static final String DB_PASSWORD = \"«strong|json»\";\n"),
    t(
        Host::CSharp,
        "builder",
        "var «camel» = new NpgsqlConnectionStringBuilder { Host = \"«db_host»\", Database = \"«db_name»\", Username = \"«db_user»\", Password = \"«strong|json»\" };\n",
    ),
    t(
        Host::Ruby,
        "sequel",
        "DB = Sequel.connect(adapter: 'mysql2', host: '«db_host»', database: '«db_name»', user: '«db_user»', password: '«password»')\n",
    ),
    t(
        Host::Ruby,
        "hash-rockets",
        "ActiveRecord::Base.establish_connection(\n  :adapter => \"postgresql\",\n  :host => \"«db_host»\",\n  :username => \"«db_user»\",\n  :password => \"«strong|json»\"\n)\n",
    ),
    t(Host::Rust, "const", "const DB_PASSWORD: &str = \"«strong|json»\";\n"),
    t(Host::Kotlin, "val", "val dbPassword: String = \"«strong|json»\"\n"),
    t(
        Host::Html,
        "table",
        "<table><tr><td>DB host</td><td>«db_host»</td></tr><tr><td>DB user</td><td>«db_user»</td></tr><tr><td>DB password</td><td>«strong|xml»</td></tr></table>\n",
    ),
    t(Host::Html, "pre", "<pre>DB_HOST=«db_host»\nDB_PASSWORD=«password»\n</pre>\n"),
    t(
        Host::Markdown,
        "bold",
        "**DB password:** `«password»` (host `«db_host»`, user `«db_user»`)\n",
    ),
    t(
        Host::Mail,
        "prose",
        "here is the access:\n\nDB host: «db_host»\nDB user: «db_user»\nDB password: «password»\n",
    ),
    t(Host::Mail, "sentence", "The database password is «password» now, please change it.\n"),
    t(
        Host::Slack,
        "message",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"db password for «env»: `«password»`\",\n    \"ts\": \"«epoch».000300\"\n},\n",
    ),
    t(
        Host::Log,
        "env",
        "«iso» «level» env DB_HOST=«db_host» DB_USER=«db_user» DB_PASSWORD=«password»",
    ),
    t(
        Host::Log,
        "python-dict",
        "«iso» DEBUG connecting with {'host': '«db_host»', 'user': '«db_user»', 'password': '«password»', 'database': '«db_name»'}",
    ),
    t(Host::PowerShell, "env", "$env:PGPASSWORD = '«password»'\n"),
    t(
        Host::Sql,
        "settings",
        "INSERT INTO settings (name, value) VALUES ('db_password', '«password»');\n",
    ),
    t(
        Host::Notebook,
        "cell",
        "{\n \"cell_type\": \"code\",\n \"execution_count\": «small»,\n \"metadata\": {},\n \"outputs\": [],\n \"source\": [\n  \"db_host = \\\"«db_host»\\\"\\n\",\n  \"db_password = \\\"«strong|json|json»\\\"\\n\"\n ]\n},\n",
    ),
    file(
        Host::Bare,
        "redis-conf",
        "etc/redis/redis-«num».conf",
        "bind 0.0.0.0\nport 6379\nrequirepass «password»\nappendonly yes",
    ),
    file(
        Host::Bare,
        "redis-replica",
        "etc/redis/replica-«num».conf",
        "replicaof «db_host» 6379\nmasterauth \"«password»\"",
    ),
];

pub(super) static CONFIG: Family = Family {
    detector: DETECTOR,
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[Wrap::QuotedPrintableMail],
    templates: TEMPLATES,
    names: NAMES,
    bind: |maker, slots| bind(maker, slots, DETECTOR),
};
