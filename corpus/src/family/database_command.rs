//! Passwords on command lines of database clients, and in statements.

use super::{Family, Mixing, database_config, t};
use crate::host::Host;

pub(super) const FAMILIES: &[&Family] = &[&COMMAND];

const DETECTOR: &str = "database-command";

pub(super) static COMMAND: Family = Family {
    detector: DETECTOR,
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[],
    templates: &[
        t(Host::History, "mysql", "mysql -u «db_user» -p«password» -h «db_host» «db_name»"),
        t(
            Host::History,
            "mysql-quoted",
            "mysql -h «db_host» -u«db_user» -p'«password»' «db_name» < dump.sql",
        ),
        t(Host::History, "redis", "redis-cli -h «db_host» -p 6379 -a «password» info"),
        t(
            Host::History,
            "sqlcmd",
            "sqlcmd -S «db_host»,1433 -U «db_user» -P '«password»' -d «db_name»",
        ),
        t(
            Host::History,
            "mongosh",
            "mongosh --host «db_host» -u «db_user» -p «password» --authenticationDatabase admin",
        ),
        t(Host::History, "sqlplus", "sqlplus «db_user»/\"«word»\"@«db_host»:1521/«noun»"),
        t(Host::History, "sqlplus-plain", "sqlplus -s «db_user»/«word»@//«db_host»:1521/«noun»"),
        t(Host::History, "cqlsh", "cqlsh «db_host» 9042 -u «db_user» -p «password»"),
        t(
            Host::History,
            "curl",
            "curl -s -u elastic:«password» https://«db_host»:9200/_cluster/health",
        ),
        t(
            Host::History,
            "clickhouse",
            "clickhouse-client --host «db_host» --user «db_user» --password «password»",
        ),
        t(Host::History, "rabbitmq", "rabbitmqctl add_user «db_user» «password»"),
        t(Host::History, "db2", "db2 connect to «noun» user «db_user» using «password»"),
        t(
            Host::Shell,
            "mysqldump",
            "mysqldump --single-transaction \\\n  --user=«db_user» \\\n  --password='«password»' \\\n  --host=«db_host» «db_name» | gzip > /backup/«noun».sql.gz\n",
        ),
        t(
            Host::Shell,
            "mongodump",
            "mongodump --host «db_host» --port 27017 --username «db_user» --password \"«password»\" --out /backup/«noun»\n",
        ),
        t(
            Host::Shell,
            "docker-exec",
            "docker exec «kebab» mysql -uroot -p«password» -e 'SHOW DATABASES'\n",
        ),
        t(
            Host::Shell,
            "docker-exec-sh",
            "docker exec «kebab» sh -c 'redis-cli -a «password» FLUSHALL'\n",
        ),
        t(Host::Shell, "expdp", "expdp «db_user»/«word»@«noun» directory=DUMP schemas=«noun2»\n"),
        t(
            Host::Shell,
            "cypher",
            "cypher-shell -a bolt://«db_host»:7687 -u neo4j -p '«password»' < «noun».cypher\n",
        ),
        t(Host::Dockerfile, "run", "RUN mysql -u root -p«password» -e 'CREATE DATABASE «noun»'\n"),
        t(
            Host::Yaml,
            "job",
            "«kebab»«num»:\n  script:\n    - mysql -h «db_host» -u «db_user» -p«password» «db_name» < schema.sql\n",
        ),
        t(
            Host::Yaml,
            "healthcheck",
            "redis«num»:\n  healthcheck:\n    test: redis-cli -a «password» ping\n    interval: 5s\n",
        ),
        t(Host::Log, "trace", "«iso» + mysqldump -h «db_host» -u «db_user» -p«password» «db_name»"),
        t(Host::Log, "ps", "«user»  12«num»  0.0  0.1 mysql -u«db_user» -p«password» -h«db_host»"),
        t(
            Host::JsonLog,
            "exec",
            "{\"time\":\"«iso»\",\"msg\":\"exec: mysql -h «db_host» -u «db_user» -p\\\"«password»\\\" «db_name»\"}",
        ),
        t(
            Host::Python,
            "system",
            "os.system(\"mysqldump -u «db_user» -p«password» «db_name» > /tmp/«noun».sql\")\n",
        ),
        t(
            Host::Php,
            "exec",
            "exec('mysqldump --user=«db_user» --password=«password» --host=«db_host» «db_name»');\n",
        ),
        t(Host::Markdown, "code", "Run `redis-cli -h «db_host» -a «password»` to look at it.\n"),
        t(
            Host::Mail,
            "line",
            "then run\n\n    mysql -h «db_host» -u «db_user» -p«password» «db_name»\n",
        ),
        t(
            Host::Slack,
            "message",
            "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"try `sqlcmd -S «db_host» -U sa -P \\\"«password»\\\"`\",\n    \"ts\": \"«epoch».000300\"\n},\n",
        ),
        t(Host::Sql, "mysql-user", "CREATE USER '«db_user»'@'%' IDENTIFIED BY '«password»';\n"),
        t(
            Host::Sql,
            "mysql-grant",
            "GRANT ALL PRIVILEGES ON «db_name».* TO '«db_user»'@'%' IDENTIFIED BY '«password»';\n",
        ),
        t(Host::Sql, "postgres-role", "CREATE ROLE «db_user» WITH LOGIN PASSWORD '«password»';\n"),
        t(
            Host::Sql,
            "postgres-user",
            "ALTER USER «db_user» WITH ENCRYPTED PASSWORD '«password»';\n",
        ),
        t(
            Host::Sql,
            "login",
            "CREATE LOGIN [«db_user»] WITH PASSWORD = N'«password»', CHECK_POLICY = OFF;\n",
        ),
        t(
            Host::Sql,
            "oracle",
            "create user «db_user» identified by \"«password»\" default tablespace users;\n",
        ),
        t(
            Host::Shell,
            "psql",
            "psql -U postgres -c \"ALTER USER «db_user» WITH PASSWORD '«password»'\"\n",
        ),
        t(
            Host::Log,
            "statement",
            "«iso» LOG:  statement: CREATE USER «db_user» WITH PASSWORD '«password»'",
        ),
    ],
    names: &[],
    bind: |maker, slots| {
        database_config::bind(maker, slots, DETECTOR);
        let word = crate::value::database_server::word(&mut maker.draw);
        slots.plant("word", DETECTOR, word);
    },
};
