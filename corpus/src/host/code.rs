//! Source files of programming languages.

use super::{Case, Style, assign, group};

pub(super) static PYTHON: Style = Style {
    name: "python",
    paths: &[
        "src/«snake».py",
        "«noun»/«snake»_«noun2».py",
        "scripts/«verb»_«noun».py",
        "app/«noun»/tasks.py",
    ],
    head: "#!/usr/bin/env python3\n\"\"\"«sentence».\"\"\"\nimport os\nimport sys\nimport logging\n\nlog = logging.getLogger(__name__)\n\n",
    tail: "\nif __name__ == \"__main__\":\n    sys.exit(0)\n",
    separator: "\n\n",
    indent: 0,
    filler: &[
        "def «snake»(«noun1», «noun2»=None):\n    \"\"\"«sentence».\"\"\"\n    if not «noun1»:\n        raise ValueError(\"«sentence2»\")\n    for «noun3» in «noun1».«noun4»s:\n        log.info(\"%s «noun3»\", «noun3»)\n        «noun2» = «snake2»(«noun3», timeout=«num»)\n    return «noun2»\n",
        "class «Pascal»(object):\n    «UPPER» = «num»\n\n    def __init__(self, «noun1», «noun2»):\n        self.«noun1» = «noun1»\n        self._«noun2» = «noun2» or {}\n\n    def «snake»(self):\n        # «sentence»\n        return self.«noun1».«verb»(self._«noun2».get(\"«noun3»\", «num»))\n",
        "«UPPER» = {\n    \"«noun1»\": «num1»,\n    \"«noun2»\": \"«kebab»\",\n    \"«noun3»\": [\"«noun4»\", \"«noun5»\"],\n    \"«adj»\": True,\n}\n",
        "async def «snake»(«noun1»: dict) -> list:\n    \"\"\"«sentence».\n\n    «sentence2».\n    \"\"\"\n    async with «snake2»(«noun1»[\"«noun2»\"]) as «noun3»:\n        return [«noun4».«verb»() async for «noun4» in «noun3» if «noun4».«adj»]\n",
        "try:\n    from «noun».«noun2» import «snake»\nexcept ImportError:  # «sentence»\n    «snake» = None\n",
    ],
    assignments: &[
        assign(Case::Upper, "«k» = \"«v|json»\""),
        assign(Case::Snake, "«k» = '«v|json»'"),
        group(
            Case::Snake,
            "«noun»_settings = dict(\n",
            "    «k»=\"«v|json»\",",
            "    retries=«small»,\n)\n",
        ),
        group(Case::Upper, "os.environ.update({\n", "    '«k»': '«v|json»',", "})\n"),
        assign(Case::Upper, "os.environ[\"«k»\"] = \"«v|json»\""),
    ],
};

const JS_FILLER: &[&str] = &[
    "export async function «camel»(«noun1», options = {}) {\n  const { «noun2», «noun3» = «num» } = options;\n  if (!«noun1») {\n    throw new Error('«sentence»');\n  }\n  const response = await «camel2»(`/«noun4»/${«noun1».id}`, «noun2»);\n  return response.data.map((«noun5») => «noun5».«noun6»);\n}\n",
    "const «camel» = («noun1») => {\n  // «sentence»\n  return Object.keys(«noun1»)\n    .filter((key) => key !== '«noun2»')\n    .reduce((acc, key) => ({ ...acc, [key]: «noun1»[key] }), {});\n};\n",
    "router.«verb»('/«noun1»s/:id', async (req, res, next) => {\n  try {\n    const «noun2» = await «Pascal».findById(req.params.id);\n    if (!«noun2») return res.status(404).json({ error: '«noun2» not found' });\n    res.json(«noun2»);\n  } catch (err) {\n    next(err);\n  }\n});\n",
    "const «UPPER» = [\n  '«kebab1»',\n  '«kebab2»',\n  '«kebab3»',\n];\n",
    "describe('«noun1»', () => {\n  it('«sentence»', () => {\n    expect(«camel»(«num»)).toEqual({ «noun2»: «num2», «adj»: true });\n  });\n});\n",
];

pub(super) static JAVA_SCRIPT: Style = Style {
    name: "javascript",
    paths: &[
        "src/«camel».js",
        "lib/«noun»/«camel».js",
        "server/«noun»s.js",
        "config/«env».js",
        "web/«kebab».jsx",
    ],
    head: "'use strict';\n\nconst AWS = require('aws-sdk');\nconst «noun» = require('./«noun»');\n\n",
    tail: "\nmodule.exports = { version: '«version»' };\n",
    separator: "\n",
    indent: 0,
    filler: JS_FILLER,
    assignments: &[
        group(
            Case::Camel,
            "const «camel»Config = {\n",
            "  «k»: '«v|json»',",
            "  maxRetries: «small»,\n};\n",
        ),
        assign(Case::Upper, "const «k» = '«v|json»';"),
        assign(Case::Upper, "process.env.«k» = \"«v|json»\";"),
        assign(Case::Camel, "var «k» = \"«v|json»\";"),
        assign(Case::Camel, "let «k» = `«v|json»`;"),
        group(Case::Camel, "module.exports.«noun» = {\n", "  «k»: \"«v|json»\",", "};\n"),
    ],
};

pub(super) static TYPE_SCRIPT: Style = Style {
    name: "typescript",
    paths: &[
        "src/«noun»/«kebab».service.ts",
        "packages/«noun»/src/«camel».ts",
        "src/config/«env».ts",
        "cdk/lib/«kebab»-stack.ts",
    ],
    head: "import { Injectable } from '@nestjs/common';\nimport { «Pascal» } from './«kebab»';\n\n",
    tail: "\nexport default «camel»;\n",
    separator: "\n",
    indent: 0,
    filler: JS_FILLER,
    assignments: &[
        group(
            Case::Camel,
            "export const «camel»: ClientConfig = {\n",
            "  «k»: '«v|json»',",
            "  region: '«region»',\n};\n",
        ),
        assign(Case::Upper, "export const «k»: string = '«v|json»';"),
        assign(Case::Camel, "private readonly «k» = \"«v|json»\";"),
    ],
};

pub(super) static GO: Style = Style {
    name: "go",
    paths: &["internal/«noun»/«snake».go", "cmd/«kebab»/main.go", "pkg/«noun»/«noun2».go"],
    head: "// Package «noun» can «verb» a «noun2».\npackage «noun»\n\nimport (\n\t\"context\"\n\t\"fmt\"\n\n\t\"github.com/aws/aws-sdk-go/aws/credentials\"\n)\n\n",
    tail: "\nvar _ = fmt.Sprintf\n",
    separator: "\n",
    indent: 0,
    filler: &[
        "// «Pascal» — «sentence».\nfunc «Pascal»(ctx context.Context, «noun1» *«Pascal2») (int, error) {\n\tif «noun1» == nil {\n\t\treturn 0, fmt.Errorf(\"«sentence2»\")\n\t}\n\tfor i, «noun2» := range «noun1».«Noun3»s {\n\t\tif err := «camel»(ctx, «noun2», i); err != nil {\n\t\t\treturn i, err\n\t\t}\n\t}\n\treturn len(«noun1».«Noun3»s), nil\n}\n",
        "type «Pascal» struct {\n\t«Noun1» string `json:\"«noun1»\"`\n\t«Noun2» int    `json:\"«noun2»,omitempty\"`\n\t«Noun3» []byte `json:\"«noun3»\"`\n}\n",
        "func Test«Pascal»(t *testing.T) {\n\tgot := «camel»(«num1», «num2»)\n\tif want := «num3»; got != want {\n\t\tt.Errorf(\"«camel»() = %d, want %d\", got, want)\n\t}\n}\n",
        "const (\n\tdefault«Noun1» = «num1»\n\tmax«Noun2»     = «num2» // «sentence»\n)\n",
    ],
    assignments: &[
        assign(Case::Camel, "const «k» = \"«v|json»\""),
        assign(Case::Camel, "var «k» string = \"«v|json»\""),
        group(
            Case::Pascal,
            "var «camel»Config = «Pascal»Options{\n",
            "\t«k»: \"«v|json»\",",
            "}\n",
        ),
        assign(Case::Upper, "os.Setenv(\"«k»\", \"«v|json»\")"),
    ],
};

const JAVA_FILLER: &[&str] = &[
    "/** «sentence». */\npublic «Pascal» «camel»(final String «noun1», int «noun2») {\n    if («noun1» == null || «noun1».isEmpty()) {\n        throw new IllegalArgumentException(\"«sentence2»\");\n    }\n    return this.«noun3»Repository.«camel2»(«noun1», «noun2» * «num»);\n}\n",
    "private static final int «UPPER» = «num»;\nprivate static final String «UPPER2» = \"«kebab»\";\n",
    "@Test\npublic void «camel»«Noun1»() throws Exception {\n    «Pascal» «noun2» = new «Pascal»(«num1»L, \"«noun3»\");\n    assertEquals(«num2», «noun2».get«Noun4»());\n}\n",
    "// «sentence».\n@Override\npublic String toString() {\n    return \"«Pascal»{\" + \"«noun1»=\" + «noun1» + \", «noun2»=\" + «noun2» + '}';\n}\n",
];

pub(super) static JAVA: Style = Style {
    name: "java",
    paths: &[
        "src/main/java/com/«company»/«noun»/«Pascal».java",
        "«noun»/src/main/java/«Pascal»Service.java",
    ],
    head: "package com.«company».«noun»;\n\nimport com.amazonaws.auth.BasicAWSCredentials;\nimport com.amazonaws.services.s3.AmazonS3;\nimport java.util.List;\n\npublic class «Pascal» extends Abstract«Noun» {\n\n",
    tail: "}\n",
    separator: "\n",
    indent: 4,
    filler: JAVA_FILLER,
    assignments: &[
        assign(Case::Upper, "private static final String «k» = \"«v|json»\";"),
        assign(Case::Camel, "String «k» = \"«v|json»\";"),
        assign(Case::Dotted, "System.setProperty(\"«k»\", \"«v|json»\");"),
    ],
};

pub(super) static KOTLIN: Style = Style {
    name: "kotlin",
    paths: &["app/src/main/kotlin/com/«company»/«Pascal».kt", "«noun»/build.gradle.kts"],
    head: "package com.«company».«noun»\n\nimport aws.sdk.kotlin.services.s3.S3Client\n\nclass «Pascal»(private val «noun1»: «Noun1») {\n\n",
    tail: "}\n",
    separator: "\n",
    indent: 4,
    filler: &[
        "suspend fun «camel»(«noun1»: String, «noun2»: Int = «num»): «Pascal»? {\n    require(«noun1».isNotBlank()) { \"«sentence»\" }\n    return «noun3».«verb»(«noun1»)?.let { it.copy(«noun2» = «noun2») }\n}\n",
        "// «sentence»\nprivate val «camel» by lazy { «Pascal»(timeout = «num», «adj» = true) }\n",
        "data class «Pascal»(val «noun1»: String, val «noun2»: Long, val «adj»: Boolean = false)\n",
    ],
    assignments: &[
        assign(Case::Camel, "private val «k» = \"«v|json»\""),
        assign(Case::Upper, "const val «k» = \"«v|json»\""),
    ],
};

pub(super) static C_SHARP: Style = Style {
    name: "csharp",
    paths: &["src/«Pascal»/«Pascal2».cs", "Services/«Pascal»Service.cs"],
    head: "using System;\nusing Amazon.S3;\nusing Amazon.Runtime;\n\nnamespace «Pascal».«Noun»\n{\n    public class «Pascal2» : I«Pascal2»\n    {\n",
    tail: "    }\n}\n",
    separator: "\n",
    indent: 8,
    filler: &[
        "/// <summary>«sentence».</summary>\npublic async Task<«Pascal»> «Pascal2»Async(string «noun1», int «noun2» = «num»)\n{\n    if (string.IsNullOrEmpty(«noun1»))\n    {\n        throw new ArgumentException(\"«sentence2»\", nameof(«noun1»));\n    }\n    return await _«noun3».«Verb»Async(«noun1», «noun2»).ConfigureAwait(false);\n}\n",
        "public int «Noun1»Count { get; set; } = «num»;\npublic string «Noun2» { get; set; } = \"«kebab»\";\n",
        "[Fact]\npublic void «Pascal»_«Verb»s()\n{\n    Assert.Equal(«num1», new «Pascal2»(\"«noun1»\").«Noun2»);\n}\n",
    ],
    assignments: &[
        assign(Case::Pascal, "private const string «k» = \"«v|json»\";"),
        assign(Case::Camel, "var «k» = \"«v|json»\";"),
        assign(Case::Upper, "Environment.SetEnvironmentVariable(\"«k»\", \"«v|json»\");"),
    ],
};

pub(super) static RUBY: Style = Style {
    name: "ruby",
    paths: &[
        "lib/«noun»/«snake».rb",
        "app/models/«noun».rb",
        "config/initializers/«noun».rb",
        "db/seeds_«noun».rb",
    ],
    head: "# frozen_string_literal: true\n\nrequire 'aws-sdk-s3'\nrequire 'json'\n\n",
    tail: "\n# «sentence»\n",
    separator: "\n",
    indent: 0,
    filler: &[
        "class «Pascal» < ApplicationRecord\n  belongs_to :«noun1»\n  has_many :«noun2»s, dependent: :destroy\n  validates :«noun3», presence: true, length: { maximum: «num» }\n\n  # «sentence»\n  def «snake»\n    «noun2»s.where(«adj»: true).map(&:«noun3»)\n  end\nend\n",
        "def «snake»(«noun1», «noun2»: nil)\n  raise ArgumentError, '«sentence»' if «noun1».nil?\n\n  «noun1».each_with_index do |«noun3», i|\n    puts \"#{i}: #{«noun3».«noun4»}\"\n  end\nend\n",
        "«Pascal».configure do |config|\n  config.«noun1»_size = «num1»\n  config.«noun2» = '«kebab»'\nend\n",
    ],
    assignments: &[
        assign(Case::Upper, "«k» = '«v|json»'"),
        group(
            Case::Snake,
            "«noun»_options = {\n",
            "  «k»: '«v|json»',",
            "  region: '«region»'\n}\n",
        ),
        assign(Case::Upper, "ENV['«k»'] = \"«v|json»\""),
        group(Case::Snake, "«noun»_options = {\n", "  :«k» => \"«v|json»\",", "}\n"),
    ],
};

pub(super) static PHP: Style = Style {
    name: "php",
    paths: &[
        "app/«Pascal».php",
        "src/«Noun»/«Pascal».php",
        "config/«noun»s.php",
        "public_html/inc/«noun».inc.php",
    ],
    head: "<?php\n\nnamespace App\\«Noun»;\n\nuse Aws\\S3\\S3Client;\n\n",
    tail: "\n// «sentence»\n",
    separator: "\n",
    indent: 0,
    filler: &[
        "/**\n * «sentence».\n *\n * @param array $«noun1»\n * @return «Pascal»|null\n */\nfunction «camel»(array $«noun1», $«noun2» = «num»)\n{\n    if (empty($«noun1»['«noun3»'])) {\n        return null;\n    }\n    return new «Pascal»($«noun1»['«noun3»'], $«noun2»);\n}\n",
        "class «Pascal» extends Base«Noun»\n{\n    protected $«noun1» = '«kebab»';\n    private $«noun2»Limit = «num»;\n\n    public function «camel»()\n    {\n        return $this->«noun1» . ':' . $this->«noun2»Limit;\n    }\n}\n",
        "$«noun1» = [\n    '«noun2»' => «num1»,\n    '«noun3»' => '«kebab»',\n    '«noun4»' => ['«noun5»', '«noun6»'],\n];\n",
    ],
    assignments: &[
        group(
            Case::Snake,
            "$«noun»Config = [\n",
            "    '«k»' => '«v»',",
            "    'version' => 'latest',\n];\n",
        ),
        assign(Case::Upper, "define('«k»', '«v»');"),
        assign(Case::Camel, "$«k» = \"«v|json»\";"),
        group(Case::Camel, "return array(\n", "    '«k»' => '«v»',", ");\n"),
        assign(Case::Upper, "putenv('«k»=«v»');"),
    ],
};

pub(super) static RUST: Style = Style {
    name: "rust",
    paths: &["crates/«noun»/src/«snake».rs", "src/«noun».rs", "src/bin/«snake».rs"],
    head: "//! «sentence».\n\nuse std::collections::HashMap;\n\nuse aws_sdk_s3::config::Credentials;\n\n",
    tail: "\n#[cfg(test)]\nmod tests {}\n",
    separator: "\n",
    indent: 0,
    filler: &[
        "/// «sentence».\npub fn «snake»(«noun1»: &str, «noun2»: usize) -> Option<«Pascal»> {\n    let mut «noun3» = HashMap::with_capacity(«num»);\n    for part in «noun1».split(',').take(«noun2») {\n        «noun3».insert(part.trim(), part.len());\n    }\n    «noun3».get(\"«noun4»\").map(|len| «Pascal»::new(*len))\n}\n",
        "#[derive(Debug, Clone)]\npub struct «Pascal» {\n    pub «noun1»: String,\n    pub «noun2»: u64,\n}\n\nimpl «Pascal» {\n    pub fn «snake»(&self) -> u64 {\n        self.«noun2» * «num»\n    }\n}\n",
        "pub const «UPPER»: usize = «num»; // «sentence»\n",
    ],
    assignments: &[
        assign(Case::Upper, "const «k»: &str = \"«v|json»\";"),
        assign(Case::Snake, "let «k» = \"«v|json»\".to_string();"),
        group(
            Case::Snake,
            "static «UPPER»_CFG: Config = Config {\n",
            "    «k»: \"«v|json»\",",
            "};\n",
        ),
    ],
};

pub(super) static CPP: Style = Style {
    name: "cpp",
    paths: &["src/«snake».cpp", "include/«noun»/«snake».h", "«noun»/«snake».cc"],
    head: "// «sentence».\n#include <string>\n#include <vector>\n#include <aws/core/auth/AWSCredentials.h>\n\nnamespace «noun» {\n\n",
    tail: "\n}  // namespace\n",
    separator: "\n",
    indent: 0,
    filler: &[
        "// «sentence».\nint «Pascal»(const std::string& «noun1», size_t «noun2») {\n  if («noun1».empty()) {\n    return -1;\n  }\n  std::vector<int> «noun3»(«noun2», «num»);\n  for (auto& «noun4» : «noun3») {\n    «noun4» += static_cast<int>(«noun1».size());\n  }\n  return «noun3».back();\n}\n",
        "class «Pascal» {\n public:\n  explicit «Pascal»(int «noun1») : «noun1»_(«noun1») {}\n  int «noun1»() const { return «noun1»_; }\n\n private:\n  int «noun1»_ = «num»;\n};\n",
        "#define «UPPER» «num»\nstatic const char* k«Pascal» = \"«kebab»\";\n",
    ],
    assignments: &[
        assign(Case::Pascal, "static const char k«k»[] = \"«v|json»\";"),
        assign(Case::Upper, "#define «k» \"«v|json»\""),
        assign(Case::Camel, "const std::string «k» = \"«v|json»\";"),
    ],
};
