//! Configuration by lines, shells, logs, mails and prose.

use super::{Case, Style, assign, group, inline};

pub(super) static INI: Style = Style {
    name: "ini",
    paths: &["etc/«noun».ini", "config/«kebab».cfg", "«noun»/«env».conf"],
    head: "; «sentence»\n\n",
    tail: "\n",
    separator: "\n",
    indent: 0,
    filler: &[
        "[«noun1»-«num»]\n«snake» = «num2»\n«noun2» = «kebab»\n# «sentence»\n«adj» = «bool»\n",
        "[profile «noun1»«num»]\nrole_arn = arn:aws:iam::«account»:role/«kebab»\nsource_profile = «noun2»\nregion = «region»\noutput = json\n",
        "[«noun1».«noun2»«num»]\nhost = «host»\nport = «port»\ntimeout = «num2»\n",
    ],
    assignments: &[
        group(Case::Snake, "[«noun»-«num»]\n", "«k» = «v»", ""),
        group(Case::Snake, "[«noun»-«num»]\n", "«k»=«v»", "region=«region»\n"),
        group(Case::Camel, "[«noun»-«num»]\n", "«k» = \"«v»\"", ""),
    ],
};

pub(super) static ENV: Style = Style {
    name: "env",
    paths: &[".env.«env»", "«noun»/.env", "deploy/«noun».env", ".env.«noun».local"],
    head: "# «sentence»\n",
    tail: "LOG_LEVEL=info\n",
    separator: "",
    indent: 0,
    filler: &[
        "«UPPER»=«num»\n«UPPER2»=«kebab»\n",
        "# «sentence»\n«UPPER»_URL=https://«host»:«port»/«noun»\n",
        "«UPPER»_ENABLED=«bool»\n«UPPER2»_TIMEOUT_MS=«num»\nNODE_ENV=«env»\n",
        "\n# «sentence»\n«UPPER»=\"«sentence2»\"\n",
    ],
    assignments: &[
        assign(Case::Upper, "«k»=«v|nl»"),
        assign(Case::Upper, "«k»=\"«v|json»\""),
        assign(Case::Upper, "export «k»='«v|nl»'"),
    ],
};

pub(super) static SHELL: Style = Style {
    name: "shell",
    paths: &[
        "scripts/«verb»-«noun».sh",
        "bin/«kebab»",
        "deploy/«env»/«verb».sh",
        ".bashrc.d/«noun».sh",
    ],
    head: "#!/usr/bin/env bash\n# «sentence»\nset -euo pipefail\n\n",
    tail: "\nexit 0\n",
    separator: "\n",
    indent: 0,
    filler: &[
        "«snake»() {\n  local «noun1»=\"$1\"\n  if [[ -z \"$«noun1»\" ]]; then\n    echo \"«sentence»\" >&2\n    return 1\n  fi\n  find \"/srv/$«noun1»\" -name '*.«noun2»' -mtime +«small» -print\n}\n",
        "for «noun1» in \"${«UPPER»[@]}\"; do\n  rsync -az --delete \"$«noun1»/\" \"deploy@«host»:/var/«noun2»/\"\ndone\n",
        "# «sentence»\ndocker build -t «company»/«noun1»:«version» .\ndocker push «company»/«noun1»:«version»\n",
        "curl -fsS https://«host»/health -o /dev/null || echo \"«noun1» is down\"\n",
    ],
    assignments: &[
        assign(Case::Upper, "export «k»=\"«v|nl»\""),
        assign(Case::Upper, "«k»='«v|nl»'"),
        group(
            Case::Upper,
            "docker run --rm \\\n",
            "  -e «k»=\"«v|nl»\" \\",
            "  «company»/«noun»:«version»\n",
        ),
        group(Case::Upper, "env ", "«k»=«v|nl» \\", "  ./«verb»-«noun»\n"),
        assign(Case::Upper, "readonly «k»=«v|nl»"),
    ],
};

pub(super) static POWER_SHELL: Style = Style {
    name: "powershell",
    paths: &["scripts/«Verb»-«Noun».ps1", "build/«kebab».bat"],
    head: "# «sentence»\n\n",
    tail: "\nExit 0\n",
    separator: "\n",
    indent: 0,
    filler: &[
        "function «Verb»-«Pascal» {\n    param([string]$«Noun1», [int]$«Noun2» = «num»)\n    if (-not $«Noun1») { throw \"«sentence»\" }\n    Get-ChildItem \"D:\\«noun3»\\$«Noun1»\" -Recurse | Select-Object -First $«Noun2»\n}\n",
        "# «sentence»\n$«Noun1» = Get-Content .\\«noun2».json | ConvertFrom-Json\nWrite-Host \"«noun1» $($«Noun1».Count)\"\n",
    ],
    assignments: &[
        assign(Case::Upper, "$env:«k» = \"«v»\""),
        assign(Case::Upper, "$env:«k»='«v»'"),
        assign(Case::Upper, "set «k»=«v»"),
        assign(Case::Upper, "setx «k» \"«v»\""),
        assign(Case::Pascal, "$«k» = '«v»'"),
    ],
};

pub(super) static DOCKERFILE: Style = Style {
    name: "dockerfile",
    paths: &["«noun»/Dockerfile", "docker/«noun».Dockerfile", "Dockerfile.«env»"],
    head: "FROM debian:12-slim\n# «sentence»\nWORKDIR /app\n\n",
    tail: "\nCMD [\"./«noun»\", \"--«adj»\"]\n",
    separator: "",
    indent: 0,
    filler: &[
        "RUN apt-get update && apt-get install -y --no-install-recommends \\\n    «noun1» «noun2» \\\n    && rm -rf /var/lib/apt/lists/*\n",
        "COPY «noun1»/ /app/«noun1»/\nRUN make «verb»-«noun1»\n",
        "# «sentence»\nENV «UPPER»=«num»\nEXPOSE «port»\n",
        "LABEL org.opencontainers.image.revision=«hex40»\n",
    ],
    assignments: &[
        assign(Case::Upper, "ENV «k»=«v|nl»"),
        assign(Case::Upper, "ENV «k» «v|nl»"),
        assign(Case::Upper, "ARG «k»=\"«v|nl»\""),
        group(Case::Upper, "RUN ", "«k»=«v|nl» \\", "    ./«verb».sh\n"),
    ],
};

pub(super) static HISTORY: Style = Style {
    name: "history",
    paths: &["home/«user»/.bash_history", "home/«user»/.zsh_history", "root/.bash_history"],
    head: "",
    tail: "exit\n",
    separator: "",
    indent: 0,
    filler: &[
        "cd /srv/«noun1»/«noun2»",
        "git checkout -b «kebab»",
        "git show «hex40»",
        "ls -la «noun»",
        "vim config/«noun».yml",
        "kubectl -n «noun1» get pods -o wide",
        "docker logs --tail «num» «kebab»",
        "sudo systemctl restart «noun»",
        "grep -rn '«snake»' src/",
        "aws s3 ls s3://«bucket»/",
        "ssh deploy@«host»",
        "python3 -m «noun».«noun2» --«adj»",
        "tail -f /var/log/«noun».log",
        "export EDITOR=vim",
        "make «verb»-«noun»",
        "curl -s https://«host»/«noun» | jq .«noun2»",
    ],
    assignments: &[
        assign(Case::Upper, "export «k»=«v|nl»"),
        group(Case::Upper, "", "«k»=«v|nl» \\", "  ./«verb».sh"),
    ],
};

pub(super) static MARKDOWN: Style = Style {
    name: "markdown",
    paths: &["docs/«kebab».md", "«noun»/README.md", "notes/«date».md", "runbooks/«verb»-«noun».md"],
    head: "# «sentence»\n\n",
    tail: "\n## See also\n\n* [«noun»](https://«host»/«noun»)\n",
    separator: "\n",
    indent: 0,
    filler: &[
        "## «sentence»\n\n«sentence2». «sentence3»: the «noun1» of «name» is «adj».\n",
        "| «noun1» | «noun2» | «noun3» |\n|---|---|---|\n| «num1» | `«kebab»` | «sentence» |\n| «num2» | `«kebab2»` | «sentence2» |\n",
        "1. «sentence»\n2. Run `«verb»-«noun1» --«adj»`\n3. «sentence2»\n",
        "> «sentence», said «name» on «date».\n",
    ],
    assignments: &[
        assign(Case::Upper, "- `«k»`: `«v|nl»`"),
        group(Case::Upper, "| name | value |\n|---|---|\n", "| «k» | «v|nl» |", ""),
        group(Case::Upper, "```sh\n", "export «k»=«v|nl»", "```\n"),
        group(Case::Snake, "```ini\n", "«k» = «v|nl»", "```\n"),
    ],
};

pub(super) static LOG: Style = Style {
    name: "log",
    paths: &["logs/«kebab»-«date».log", "var/log/«noun»/«env».log", "ci/«noun»-job-«num».log"],
    head: "",
    tail: "",
    separator: "",
    indent: 0,
    filler: &[
        "«iso» «level» [«noun1»-«small»] «sentence» («ms» ms)",
        "«date» «time»,«ms» «level» com.«company».«noun1».«Pascal» - «sentence»",
        "«public_ip» - - [«date»:«time» +0000] \"«method» «urlpath» HTTP/1.1\" «status» «num» \"-\" \"Mozilla/5.0\"",
        "«iso» «level» request_id=«uuid» path=«urlpath» status=«status» took=«ms»ms",
        "«date» «time» «level» checked out commit «hex40» of «kebab»",
    ],
    assignments: &[
        assign(Case::Upper, "«iso» «level» env «k»=«v|nl»"),
        assign(Case::Camel, "«date» «time» «level» [main] config: «k» = «v|nl»"),
        inline(
            Case::Snake,
            "«iso» DEBUG «snake» called with {",
            "'«k»': '«v|json»', ",
            "'stage'': '«env»'}",
        ),
    ],
};

pub(super) static MAIL: Style = Style {
    name: "mail",
    paths: &["mail/«user»/«num».eml", "exports/inbox/«kebab».eml"],
    head: "From: «name» <«email»>\nTo: «name2» <«email2»>\nSubject: Re: «sentence»\nDate: Tue, 4 Mar 2025 «time» +0000\nMessage-ID: <«hex32»@«domain»>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nHi «name2»,\n\n",
    tail: "\nBest,\n«name»\n-- \n«company» | «domain»\n",
    separator: "\n",
    indent: 0,
    filler: &[
        "«sentence». «sentence2», but «sentence3».\n",
        "On «date» at «time» «name» <«email»> wrote:\n> «sentence».\n> «sentence2».\n",
        "* «sentence»\n* «sentence2»\n",
        "«sentence» (see «ticket»).\n",
    ],
    assignments: &[
        assign(Case::Upper, "«k»: «v|nl»"),
        assign(Case::Snake, "    «k» = «v|nl»"),
        assign(Case::Upper, "> «k»=«v|nl»"),
    ],
};

pub(super) static PROPERTIES: Style = Style {
    name: "properties",
    paths: &[
        "src/main/resources/application-«env».properties",
        "conf/«noun».properties",
        "gradle/«noun».properties",
    ],
    head: "# «sentence»\n",
    tail: "spring.application.name=«kebab»\n",
    separator: "",
    indent: 0,
    filler: &[
        "«noun1».«noun2».«noun3»=«num»\n«noun1».«noun2».enabled=«bool»\n",
        "# «sentence»\nspring.«noun1».url=https\\://«host»\\:«port»/«noun2»\n",
        "\nlogging.level.com.«company».«noun1»=«level»\n",
    ],
    assignments: &[
        assign(Case::Dotted, "«k»=«v|nl»"),
        assign(Case::Camel, "«noun».«k» = «v|prop|nl»"),
        assign(Case::Kebab, "cloud.«k»=«v|nl»"),
        assign(Case::Upper, "«k»=«v|nl»"),
    ],
};

pub(super) static SQL: Style = Style {
    name: "sql",
    paths: &["db/migrations/«num»_«snake».sql", "dumps/«noun»-«date».sql"],
    head: "-- «sentence»\nBEGIN;\n",
    tail: "COMMIT;\n",
    separator: "\n",
    indent: 0,
    filler: &[
        "CREATE TABLE IF NOT EXISTS «noun1»_«noun2» (\n    id BIGSERIAL PRIMARY KEY,\n    «noun3» VARCHAR(«small»0) NOT NULL,\n    created_at TIMESTAMP DEFAULT now()\n);\n",
        "INSERT INTO «noun1»s (id, name, note, hash) VALUES («num1», '«Pascal»', '«sentence»', '«hex40»');\nINSERT INTO «noun1»s (id, name, note, hash) VALUES («num2», '«Pascal2»', '«sentence2»', '«hex64»');\n",
        "UPDATE «noun1»s SET «noun2» = «num» WHERE «noun3» IN (SELECT id FROM «noun4»s WHERE «adj» = true);\n",
    ],
    assignments: &[
        assign(Case::Snake, "INSERT INTO settings (name, value) VALUES ('«k»', '«v|nl»');"),
        group(Case::Snake, "CREATE EXTENSION aws_s3;\n", "SET «noun».«k» = '«v|nl»';", ""),
    ],
};

pub(super) static BARE: Style = Style {
    name: "bare",
    paths: &["«noun»/«kebab».txt", "«kebab»-«num».txt"],
    head: "",
    tail: "",
    separator: "",
    indent: 0,
    filler: &["«sentence»."],
    assignments: &[],
};
