#include "drf/report/judge_page.h"

#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/printable.h"
#include "drf/report/html.h"

namespace drf::report {
namespace {

using nlohmann::ordered_json;

constexpr const char* kStyle = R"(
:root{color-scheme:light dark;--ink:#1f2937;--soft:#5b6472;--paper:#fff;--line:#e2e5ea;--cell:#f6f7f9;--on:#e6effd;--edge:#2563eb;
--good:#047857;--bad:#b91c1c;--note:#92400e}
@media(prefers-color-scheme:dark){:root{--ink:#e5e7eb;--soft:#9ca3af;--paper:#14171c;--line:#2d333b;--cell:#1c2128;--on:#1d2c45;
--edge:#6ea8fe;--good:#4ade80;--bad:#f87171;--note:#fbbf24}}
*{box-sizing:border-box}[hidden]{display:none!important}
body{font:16px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0 auto;max-width:60em;
padding:0 1em}
header{position:sticky;top:0;background:var(--paper);border-bottom:1px solid var(--line);padding:.6em 0;z-index:2}
h1{font-size:1em;margin:0;font-weight:600}header small,.hint,#kept{color:var(--soft);font-size:.85em}
#kept.lost{color:var(--note);font-weight:600}
progress{width:100%;height:.5em;accent-color:var(--edge);display:block;margin:.35em 0}
.row{display:flex;gap:.6em;justify-content:space-between;flex-wrap:wrap;align-items:baseline}
#prompt{font-size:1.15em;font-weight:600;margin:.5em 0 .2em;max-height:30vh;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere}
ol{list-style:none;margin:.6em 0;padding:0}
#list li{display:grid;grid-template-columns:2.4em 1fr auto;gap:0 .6em;padding:.35em .6em;border:1px solid transparent;
border-left:4px solid transparent;border-bottom-color:var(--line);cursor:pointer;overflow-wrap:anywhere}
#list li[aria-current]{background:var(--on);border-color:var(--edge)}
#list li .aspect{color:var(--soft);font-size:.8em;padding-top:.2em}#list li .text{white-space:pre-wrap}
#list li .answer{font-weight:600}#list li .answer.no{color:var(--note)}
#list li .mark{text-align:right;font-size:.9em;min-width:3em}#list li .fact{color:var(--soft);font-size:.85em}
#list li.valid .mark{color:var(--good)}#list li.wrong .mark{color:var(--bad)}#list li.wrong .text{text-decoration:line-through var(--bad)}
#list li .clip{grid-column:2;color:var(--soft);font-size:.85em}
#missed{border:1px solid var(--line);border-left:4px solid transparent;background:var(--cell);padding:.6em}
#missed[aria-current]{border-color:var(--edge)}#missed ul{margin:.3em 0;padding-left:1.2em}
#missed form{display:flex;gap:.5em;margin-top:.4em}
input{font:inherit;flex:1;min-width:0;padding:.35em .5em;color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:4px}
button{font:inherit;color:inherit;background:var(--cell);border:1px solid var(--line);border-radius:6px;padding:.45em .7em;cursor:pointer}
button:focus-visible,input:focus-visible{outline:2px solid var(--edge);outline-offset:1px}
#missed ul button{padding:0 .4em;margin-left:.4em;font-size:.85em}
footer{position:fixed;left:0;right:0;bottom:0;background:var(--paper);border-top:1px solid var(--line);z-index:2;
padding:.5em 1em calc(.5em + env(safe-area-inset-bottom))}
footer>div{max-width:58em;margin:0 auto;display:flex;gap:.4em;flex-wrap:wrap}
footer #acts button{flex:1 1 auto;min-height:2.6em}.good{color:var(--good)}.bad{color:var(--bad)}
#kinds{padding-bottom:.4em}#kinds button{flex:1 1 15em;text-align:left}#kinds small{display:block;color:var(--soft)}
kbd{font:.8em ui-monospace,monospace;border:1px solid var(--line);border-radius:3px;padding:0 .3em;color:var(--soft)}
#help{position:fixed;inset:0 0 auto 0;z-index:3;max-height:80vh;overflow:auto;max-width:60em;margin:0 auto;background:var(--cell);
border:1px solid var(--edge);padding:.6em 1em}#help p{margin:.3em 0}
#done{border:1px solid var(--good);padding:.3em .6em;margin:.4em 0 0}
@media(hover:none){body:not(.keys) button kbd{display:none}}@media(max-width:30em){body{padding-left:.6em;padding-right:.6em}footer{padding-left:.4em;padding-right:.4em}
button{padding:.45em .5em}#prompt{font-size:1em;max-height:24vh}#list li{grid-template-columns:1.6em 1fr auto;padding:.35em .3em}#list li .mark{min-width:1.2em}#missed form{flex-wrap:wrap}
#missed input{flex-basis:100%}#missed form button{flex:1}
#kinds button{flex-basis:45%;font-size:.9em}#list li.wrong .mark{grid-column:2;text-align:left}#kinds small{display:none}})";

// What the page may load and where it may send anything: nowhere. Its own style and script are inline.
constexpr const char* kHead =
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">"
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1,viewport-fit=cover\">";

constexpr const char* kBegin = "<!doctype html>";
constexpr const char* kData = "<script type=\"application/json\" id=\"data\">";

constexpr const char* kBody = R"(
<noscript><p>This page needs its script.</p></noscript>
<header><div class="row"><h1 id="title"></h1><span id="kept" role="status"></span></div>
<progress id="bar" aria-label="questions judged"></progress>
<div class="row"><small id="where"></small><small id="count"></small></div><p id="prompt" dir="auto"></p>
<div id="done" hidden>Every question is judged. <button type="button" data-act="export">Export marks.jsonl <kbd>e</kbd></button></div></header>
<main><div id="help" hidden>
<p>A question is <b>valid</b> if it asks one fact that the prompt states or plainly implies, has the right answer, and can be answered by
looking at the video. Judge it by the prompt alone: a video true to the prompt must give this answer, and one that is not might not.</p>
<p><kbd>v</kbd> valid &middot; <kbd>x</kbd> wrong, then a number &middot; <kbd>1</kbd>-<kbd>5</kbd> wrong at once &middot;
<kbd>a</kbd> all others of this prompt are valid &middot; <kbd>u</kbd> undo</p>
<p><kbd>j</kbd> <kbd>k</kbd> or arrows: down, up &middot; <kbd>n</kbd> <kbd>p</kbd>: next, previous prompt &middot;
<kbd>o</kbd>: the next that is open</p>
<p><kbd>m</kbd> adds a fact that the prompt states and no valid question asks, one at a time; <kbd>Enter</kbd> on the empty field says that no
(further) fact is missed, and goes on. <kbd>f</kbd>: this question counts as a fact that is asked, or does not (those with the answer Yes
do by themselves, but not what asks the same in other words).</p>
<p><kbd>e</kbd> exports marks.jsonl &middot; <kbd>?</kbd> this text <button type="button" data-act="help">Close</button></p></div>
<ol id="list"></ol>
<section id="missed"><div class="hint" id="ask"></div><ul id="facts"></ul>
<form id="add"><input id="fact" dir="auto" autocomplete="off" enterkeyhint="done" aria-label="a missed fact"
 placeholder="a fact that no valid question asks"><button type="submit">Add</button>
<button type="button" data-act="whole">No more <kbd>Enter</kbd></button></form></section></main>
<footer><div id="kinds" role="group" aria-label="kind of error" hidden></div>
<div id="acts"><button type="button" class="good" data-act="valid">Valid <kbd>v</kbd></button>
<button type="button" class="bad" data-act="wrong">Wrong <kbd>x</kbd></button>
<button type="button" data-act="rest">Others valid <kbd>a</kbd></button>
<button type="button" data-act="undo">Undo <kbd>u</kbd></button>
<button type="button" data-act="missed">Missed <kbd>m</kbd></button>
<button type="button" data-act="next">Next <kbd>n</kbd></button>
<button type="button" data-act="export">Export <kbd>e</kbd></button>
<button type="button" data-act="help" aria-label="help">?</button></div></footer>
<div id="said" role="status" aria-live="polite" style="position:absolute;left:-99em"></div>
)";

}  // namespace

std::string judge_page(const questions::JudgedFiles& files, const questions::Marks& marks,
                       const std::string& name) {
  const std::string title = printable(name);
  // The first line of marks.jsonl as a text: a seed of 64 bits is no number of JavaScript's.
  ordered_json header = {
      {"marks", 1}, {"questions", files.questions_digest}, {"prompts", files.prompts_digest}};
  if (const auto& sample = marks.sample)
    header["sample"] = {{"prompts", sample->prompts}, {"of", sample->of}, {"seed", sample->seed}};

  std::vector<bool> drawn(files.prompts.size(), !marks.sample);
  if (marks.sample) {
    for (const int64_t prompt : questions::sampled_prompts(*marks.sample)) drawn[size_t(prompt)] = true;
  }
  std::vector<ordered_json> questions(files.prompts.size(), ordered_json::array());
  bool facts = false;
  for (size_t i = 0; i < files.questions.size(); ++i) {
    const questions::Question& q = files.questions[i];
    facts |= q.aspect == questions::Aspect::kTA && q.kind == questions::Kind::kYesNo;
    ordered_json row = {{"i", i},      {"id", q.id},   {"a", to_string(q.aspect)}, {"k", to_string(q.kind)},
                        {"t", q.text}, {"w", q.answer}};
    if (!q.reference.empty()) row["r"] = q.reference;
    if (!q.paraphrase_of.empty()) row["o"] = q.paraphrase_of;
    if (const auto& mark = marks.of_question[i]) {
      row["v"] = to_string(mark->verdict);
      if (mark->fact) row["f"] = *mark->fact;
    }
    questions[size_t(q.prompt)].push_back(std::move(row));
  }
  ordered_json prompts = ordered_json::array();
  for (size_t i = 0; i < files.prompts.size(); ++i) {
    if (!drawn[i]) continue;
    const questions::Missed& missed = marks.of_prompt[i];
    prompts.push_back({{"p", i},
                       {"t", files.prompts[i]},
                       {"missed", missed.facts},
                       {"whole", missed.whole},
                       {"q", std::move(questions[i])}});
  }
  ordered_json verdicts = ordered_json::array();
  for (const questions::Verdict verdict : questions::kVerdicts)
    verdicts.push_back({to_string(verdict), meaning_of(verdict)});
  std::string note;
  if (marks.sample)
    note = concat("a sample of ", marks.sample->prompts, " of ", marks.sample->of, " prompts, seed ",
                  marks.sample->seed);
  const ordered_json data = {{"title", title},
                             {"note", note},
                             {"header", header.dump()},
                             {"key", files.questions_digest + "-" + files.prompts_digest},
                             {"facts", facts},
                             {"verdicts", std::move(verdicts)},
                             {"prompts", std::move(prompts)}};
  return concat(kBegin, "<html lang=\"en\"><head><meta charset=\"utf-8\">", kHead, "<title>",
                escape_html(title), "</title><style>", kStyle, "</style></head><body>", kBody, kData,
                for_script(data), "</script>\n<script>", judge_script(), "</script></body></html>\n");
}

void require_judge_page(const std::filesystem::path& page) {
  std::error_code ec;
  if (!std::filesystem::is_regular_file(page, ec)) return;
  const std::string text = read_file(page);
  if (text.rfind(kBegin, 0) == 0 && text.find(concat(kData, "{\"title\":")) != std::string::npos) return;
  fail(
      ErrorKind::kConfig, page,
      ": is there and is no page on which questions are judged; name another file, or remove this one first");
}

}  // namespace drf::report
