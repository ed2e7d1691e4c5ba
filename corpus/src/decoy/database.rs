//! Look-alikes of database passwords: settings, commands, statements and forms that
//! name a password and hold none.

use crate::{
    family::{Template, t},
    host::Host,
};

pub(super) const TEMPLATES: &[Template] = &[
    // The environment, a store of secrets or a file has it.
    t(
        Host::Env,
        "setting-reference",
        "«UPPER»_DB_HOST=«host»\n«UPPER»_DB_PASSWORD=${«UPPER»_DB_PASSWORD:?not set}\nDB_PASSWORD_FILE=/run/secrets/«snake»\n",
    ),
    t(
        Host::Env,
        "setting-command",
        "POSTGRES_PASSWORD=$(cat /run/secrets/«noun»)\nMYSQL_ROOT_PASSWORD=`openssl rand -hex «small»`\n",
    ),
    t(
        Host::Python,
        "setting-environment",
        "DATABASES = {'«noun»«num»': {'ENGINE': 'django.db.backends.postgresql', 'HOST': '«host»', 'USER': '«noun2»', 'PASSWORD': os.environ['DB_PASSWORD']}}\n",
    ),
    t(
        Host::Php,
        "setting-environment",
        "'«noun»' => ['driver' => 'mysql', 'host' => env('DB_HOST', '«host»'), 'password' => env('DB_PASSWORD', '')],\n",
    ),
    t(
        Host::Ruby,
        "setting-environment",
        "«snake» = { adapter: 'postgresql', host: '«host»', password: ENV.fetch('DB_PASSWORD') }\n",
    ),
    t(
        Host::JavaScript,
        "setting-environment",
        "const «camel» = mysql.createPool({ host: '«host»', user: '«noun»', password: process.env.DB_PASSWORD })\n",
    ),
    t(
        Host::Yaml,
        "setting-template",
        "«noun»«num»:\n  adapter: postgresql\n  host: «host»\n  password: <%= ENV['DB_PASSWORD'] %>\n",
    ),
    t(
        Host::Yaml,
        "setting-secret",
        "«noun»«num»:\n  - name: DB_PASSWORD\n    valueFrom:\n      secretKeyRef:\n        name: «kebab»-db1\n        key: password\n",
    ),
    t(
        Host::Terraform,
        "setting-generated",
        "resource \"aws_db_instance\" \"«snake»\" {\n  engine   = \"postgres\"\n  username = \"«noun»\"\n  password = random_password.«snake».result\n}\n",
    ),
    t(
        Host::Properties,
        "setting-encrypted",
        "spring.datasource.url=jdbc:postgresql://«host»:5432/«noun»\nspring.datasource.password=ENC(«sig28»)\nspring.datasource.hikari.password-min-length=«small»\n",
    ),
    t(
        Host::Ini,
        "setting-interpolated",
        "[«noun»-«num»]\nhost = «host»\ndb_user = «noun2»\ndb_password = %(db_password)s\n",
    ),
    t(
        Host::Toml,
        "setting-placeholder",
        "[«noun».database]\nhost = \"«host»\"\nuser = \"«noun2»\"\npassword = \"<your password>\"\n",
    ),
    t(
        Host::Dockerfile,
        "setting-tutorial",
        "ENV POSTGRES_USER=«noun» POSTGRES_DB=«noun2»\nENV POSTGRES_PASSWORD=postgres\n",
    ),
    // Forms, labels, translations, documentation.
    t(
        Host::Html,
        "form",
        "<label for=\"db_password\">Database password</label>\n<input type=\"password\" id=\"db_password\" name=\"db_password\" value=\"\" placeholder=\"«Noun»\">\n",
    ),
    t(
        Host::Json,
        "translation",
        "\"«kebab»-«num»\": {\n  \"db_host\": \"Database host\",\n  \"db_user\": \"Benutzer der Datenbank\",\n  \"db_password\": \"Mot de passe de la base\",\n  \"password\": \"Passwort\"\n},\n",
    ),
    t(
        Host::Markdown,
        "setting-table",
        "| `DB_PASSWORD` | password of the database user, «sentence» | none |\n| `DB_HOST` | its host | `localhost` |\n",
    ),
    t(
        Host::Xml,
        "setting-token",
        "<Resource name=\"jdbc/«noun»\" username=\"«noun»\" password=\"@db.password@\" url=\"jdbc:mysql://«host»:3306/«noun»\"/>\n",
    ),
    // Types, parameters, comparisons.
    t(
        Host::TypeScript,
        "setting-type",
        "interface «Pascal»Database {\n  host: string;\n  port: number;\n  user: string;\n  password: string;\n}\n",
    ),
    t(
        Host::Go,
        "setting-type",
        "type «Pascal»DB struct {\n\tHost string\n\tDBPassword string `env:\"DB_PASSWORD,required\"`\n}\n",
    ),
    t(
        Host::Python,
        "call-names",
        "def «snake»(host: str, user: str, password: str, database: str = \"«noun»\"):\n    return pymysql.connect(host=host, user=user, password=args.db_password1, database=database)\n",
    ),
    t(Host::Php, "call-variables", "$«camel» = new mysqli($host, $user, $password, '«noun»');\n"),
    t(
        Host::Java,
        "call-variables",
        "Connection «camel» = DriverManager.getConnection(\"jdbc:mysql://«host»:3306/«noun»\", user, password);\n",
    ),
    t(
        Host::CSharp,
        "string-joined",
        "var «camel» = \"Server=«host»;Database=«noun»;User Id=\" + user + \";Password=\" + password + \";\";\n",
    ),
    // Commands and statements.
    t(
        Host::Shell,
        "command-asks",
        "mysql -h «host» -u «noun» -p «noun2»\nmysqldump -u«noun» -p\"$MYSQL_PASSWORD\" «noun2» | gzip > «noun».gz\n",
    ),
    t(
        Host::Shell,
        "command-variable",
        "PGPASSWORD=\"$DB_PASSWORD\" psql -h «host» -U «noun» -c 'select «num»'\nredis-cli -h «host» -a \"${REDIS_PASSWORD}\" ping\n",
    ),
    t(Host::History, "command-asks", "sqlcmd -S «host» -U «noun» -P \"$SQL_PASSWORD\""),
    t(
        Host::Sql,
        "statement-variable",
        "CREATE USER «noun» WITH PASSWORD :'password';\nALTER USER «noun2» IDENTIFIED BY '${DB_PASSWORD}';\n",
    ),
    t(Host::Sql, "statement-hash", "ALTER ROLE «noun» WITH PASSWORD 'md5«hex32»';\n"),
    // Masks and messages.
    t(
        Host::Log,
        "setting-masked",
        "«iso» «level» db_host=«host» db_user=«noun» db_password=******",
    ),
    t(
        Host::Log,
        "password-message",
        "«iso» ERROR FATAL: password authentication failed for user \"«noun»\" (using password: YES)",
    ),
    t(
        Host::JsonLog,
        "setting-masked",
        "{\"time\":\"«iso»\",\"db\":{\"host\":\"«host»\",\"user\":\"«noun»\",\"password\":\"[REDACTED]\"}}",
    ),
    t(
        Host::Mail,
        "setting-elsewhere",
        "The database is on «host», its user is «noun», the password is in the vault.\n",
    ),
    t(
        Host::Slack,
        "setting-placeholder",
        "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"put DB_PASSWORD=<ask me> into your .env, host is «host»\",\n    \"ts\": \"«epoch».001300\"\n},\n",
    ),
];
