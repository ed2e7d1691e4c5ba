//! Files that hold passwords for database clients.

use super::{Family, Mixing, database_config, file, t};
use crate::host::Host;

pub(super) const FAMILIES: &[&Family] = &[&PASSWORD_FILE];

const DETECTOR: &str = "database-password-file";

pub(super) static PASSWORD_FILE: Family = Family {
    detector: DETECTOR,
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[],
    templates: &[
        file(
            Host::Bare,
            "pgpass",
            "home/«user»/.pgpass",
            "# hostname:port:database:username:password\n«db_host»:5432:«db_name»:«db_user»:«password»",
        ),
        file(
            Host::Bare,
            "pgpass-wild",
            "home/«user»/.pgpass",
            "«db_host»:5432:*:«db_user»:«password»\n",
        ),
        file(
            Host::Bare,
            "pgpass-windows",
            "Users/«user»/AppData/Roaming/postgresql/pgpass.conf",
            "«db_host»:6432:«db_name»:«db_user»:«password»",
        ),
        file(
            Host::Bare,
            "my-cnf",
            "home/«user»/.my.cnf",
            "[client]\nuser = «db_user»\npassword = \"«password»\"\nhost = «db_host»",
        ),
        file(
            Host::Bare,
            "mysqldump-cnf",
            "root/«noun».cnf",
            "[mysqld]\nport = 3306\n\n[mysqldump]\nuser=«db_user»\npassword=«password»\nquick",
        ),
        t(
            Host::Shell,
            "echo",
            "echo \"«db_host»:5432:«db_name»:«db_user»:«password»\" > ~/.pgpass && chmod 600 ~/.pgpass\n",
        ),
        t(Host::History, "echo", "echo '«db_host»:5432:«db_name»:«db_user»:«password»' >> .pgpass"),
        t(Host::Dockerfile, "run", "RUN echo '*:5432:*:«db_user»:«password»' > /root/.pgpass\n"),
        t(Host::Markdown, "fence", "```\n«db_host»:5432:«db_name»:«db_user»:«password»\n```\n"),
        t(
            Host::Slack,
            "message",
            "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"pgpass: `«db_host»:5432:«db_name»:«db_user»:«password»`\",\n    \"ts\": \"«epoch».000300\"\n},\n",
        ),
        t(
            Host::Yaml,
            "secret",
            "«noun»«num»:\n  my.cnf: |\n    [client]\n    user=«db_user»\n    password=«password»\n",
        ),
        t(
            Host::JsonLog,
            "content",
            "{\"time\":\"«iso»\",\"msg\":\"wrote /root/.my.cnf: [client]\\nuser=«db_user»\\npassword=«password»\\nhost=«db_host»\\n\"}",
        ),
        t(
            Host::Mail,
            "line",
            "put this into your pgpass:\n\n«db_host»:5432:«db_name»:«db_user»:«password»\n",
        ),
    ],
    names: &[],
    bind: |maker, slots| database_config::bind(maker, slots, DETECTOR),
};
