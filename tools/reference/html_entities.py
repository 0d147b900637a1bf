"""Writes src/drf/text/html_entities.cpp: HTML5's named character references, as Python's html.entities has them.

    python tools/reference/html_entities.py        (from the repository's root)
"""

from html.entities import html5

WIDTH = 104

entries = []
for name, text in sorted(html5.items()):
    if name.endswith(";"):
        mark = "*" if name[:-1] in html5 else ""
        entries.append(f"{mark}{name[:-1]}={'+'.join(f'{ord(c):X}' for c in text)}")
assert all(html5[name + ";"] == text for name, text in html5.items() if not name.endswith(";"))

lines, line = [], ""
for entry in entries:
    if len(line) + len(entry) + 1 > WIDTH:
        lines.append(line)
        line = ""
    line += entry + " "
lines.append(line)
body = "\n".join(f'    "{line}"' for line in lines)
with open("src/drf/text/html_entities.cpp", "w") as file:
    file.write(f"""// Made by tools/reference/html_entities.py from the HTML standard's table; not edited by hand.
#include "drf/text/html_entities.h"

namespace drf::text {{

const char* const kHtmlEntities =
{body};

}}  // namespace drf::text
""")
print(len(entries), "names,", len(lines), "lines")
