"""A small server of chat completions that goes wrong on request, for endpoint_test and, before a real one, real_endpoint.py.

    fault_server.py --log FILE [--upstream http://127.0.0.1:PORT] [--slow SECONDS] [--tls CERTIFICATE KEY]

Prints "port N" and serves until its stdin ends. The base address /WAY/v1 picks how it goes wrong: WAY is a name of Ways
below. Each request is one JSON line in FILE: its way, the last message, the body, the Authorization header, when. A way that
answers well answers by itself, or passes the request on to --upstream. Standard library only.
"""

import argparse
import http.client
import http.server
import json
import math
import ssl
import sys
import threading
import time
import urllib.parse

asked = {}  # (way, message) -> how often
log_file = None
upstream = None
slow_s = 5.0
lock = threading.Lock()


def completion(content, **more):
    message = {"role": "assistant", "content": content, **more.pop("message", {})}
    choice = {"index": 0, "message": message, "finish_reason": "stop", **more}
    return {"id": "1", "object": "chat.completion", "model": "small", "choices": [choice],
            "usage": {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}}


def error(message, code=None, kind="invalid_request_error"):
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


class Ways:
    """One method a way: handler, body, the last message's text, and how often this was asked before."""

    def ok(h, body, text, before):
        if upstream:
            return h.pass_on(body)
        if body.get("logprobs"):
            tokens = [("Yes", 0.5), (" yes", 0.1), ("no", 0.2), ("Maybe", 0.1)]
            top = [{"token": t, "logprob": math.log(p)} for t, p in tokens[:body["top_logprobs"]]]
            return h.json(200, completion("Yes", logprobs={"content": [{"token": "Yes", "logprob": top[0]["logprob"],
                                                                       "top_logprobs": top}]}))
        kind = body.get("response_format", {}).get("type")
        return h.json(200, completion(json.dumps({"said": text}) if kind else "You said: " + text))

    def fails_once(h, body, text, before):
        return Ways.ok(h, body, text, before) if before else h.json(500, error("out of breath"))

    def fails(h, body, text, before):
        return h.json(503, error("out of breath"))

    def fails_for_some(h, body, text, before):
        return h.json(500, error("out of breath")) if "broken" in text else Ways.ok(h, body, text, before)

    def stops_for_some(h, body, text, before):
        return Ways.stops(h, body, text, before) if "broken" in text else Ways.ok(h, body, text, before)

    def busy_once(h, body, text, before):
        return Ways.ok(h, body, text, before) if before else h.json(429, error("slowly"), {"Retry-After": "1"})

    def busy_for_first(h, body, text, before):
        if text == "one":
            return Ways.busy_once(h, body, text, before)
        time.sleep(0.3)
        return Ways.ok(h, body, text, before)

    def busy_for_hours(h, body, text, before):
        return h.json(429, error("slowly"), {"Retry-After": "7200"})

    def no_credit(h, body, text, before):
        return h.json(429, error("You exceeded your current quota", "insufficient_quota"))

    def wrong_key(h, body, text, before):
        escaped = "".join("\\u%04x" % ord(c) for c in str(h.headers.get("Authorization")))
        return h.bytes(401, ('{"error": {"message": "Incorrect key: %s"}}' % escaped).encode())

    def repeats_key(h, body, text, before):
        return h.json(200, completion("You sent " + str(h.headers.get("Authorization"))))

    def stumbles(h, body, text, before):  # refuses one request's form once, out of the blue
        if "broken" in text and not before:
            return h.json(400, error("bad request"))
        return Ways.ok(h, body, text, before)

    def forbidden(h, body, text, before):
        return h.json(403, error("Not yours"))

    def moderates(h, body, text, before):  # without saying that it is about the text
        if "broken" in text:
            return h.json(400 if "badly" in text else 403, error("Input flagged"))
        return Ways.ok(h, body, text, before)

    def moderates_and_says_so(h, body, text, before):
        if "broken" in text:
            return h.json(400, error("filtered", "content_filter"))
        return Ways.ok(h, body, text, before)

    def moderates_in_200(h, body, text, before):  # as routers; one busy moment in between
        if "broken" in text:
            return h.json(200, error("filtered", "content_filter"))
        return h.json(503, error("busy")) if "late" in text and not before else Ways.ok(h, body, text, before)

    def moderates_in_silence(h, body, text, before):
        if "broken" in text:
            return h.json(200, {"choices": []})
        return h.json(503, error("busy")) if "late" in text and not before else Ways.ok(h, body, text, before)

    def writes_and_moderates(h, body, text, before):
        if "broken" in text:
            return h.json(403, error("Input flagged"))
        return Ways.writes(h, body, text, before)

    def bad_request(h, body, text, before):
        return h.json(400, error("No"))

    def no_model(h, body, text, before):
        return h.json(404, error("no model " + body["model"], "model_not_found"))

    def slow_once(h, body, text, before):
        if not before:
            time.sleep(slow_s)
        return Ways.ok(h, body, text, before)

    def slow(h, body, text, before):
        time.sleep(0.05)
        return Ways.ok(h, body, text, before)

    def stops(h, body, text, before):
        time.sleep(30)

    def drips(h, body, text, before):
        h.head(200, 10 ** 6)
        for _ in range(300):
            h.wfile.write(b" ")
            time.sleep(0.1)

    def nonsense(h, body, text, before):
        h.bytes(200, b"<html>Welcome to the \x1b[31mcaptive portal\xff</html>", "text/html")

    def no_http(h, body, text, before):
        h.wfile.write(b"\x00\x01\x02 what?\r\n")
        h.close_connection = True

    def cuts_once(h, body, text, before):
        if before:
            return Ways.ok(h, body, text, before)
        h.head(200, 500)
        h.wfile.write(b'{"choices": [{"mess')
        h.close_connection = True

    def hangs_up(h, body, text, before):
        h.close_connection = True

    def big(h, body, text, before):
        h.bytes(200, json.dumps(completion("x" * (3 << 20))).encode())

    def deep(h, body, text, before):
        h.bytes(200, b'{"choices": ' + b"[" * 200000)

    def deep_content(h, body, text, before):
        h.json(200, completion('{"a": ' + "[" * 200000))

    def shape(h, body, text, before):
        h.json(200, {"choices": 7})

    def content_list(h, body, text, before):
        h.json(200, completion([{"what": "is this"}]))

    def cut_short(h, body, text, before):
        h.json(200, completion('{"said": "half of', finish_reason="length"))

    def refuses(h, body, text, before):
        h.json(200, completion(None, message={"refusal": "I cannot help\nwith that"}))

    def filtered(h, body, text, before):
        h.json(200, completion("", finish_reason="content_filter"))

    def empty(h, body, text, before):
        h.json(200, completion(" \n "))

    def error_in_200(h, body, text, before):
        h.json(200, error("the model fell over"))

    def limit_in_200_once(h, body, text, before):  # as routers
        return Ways.ok(h, body, text, before) if before else h.json(200, error("slowly", 429))

    def no_credit_in_200(h, body, text, before):
        h.json(200, error("You exceeded your current quota", "insufficient_quota"))

    def no_format_in_200(h, body, text, before):
        if body.get("response_format", {}).get("type") == "json_schema":
            return h.json(200, error("response_format json_schema is not supported"))
        return Ways.ok(h, body, text, before)

    def stumbles_on(h, body, text, before):
        if "broken" not in text:
            return Ways.ok(h, body, text, before)
        return h.json(200, completion("no JSON")) if before else h.json(400, error("bad request"))

    def repeats_as_fastapi(h, body, text, before):
        if body["response_format"]["type"] == "json_schema":
            return h.json(422, {"detail": [{"type": "literal_error", "loc": ["body", "response_format", "type"],
                                            "msg": "Input should be 'text' or 'json_object'", "input": body}]})
        return Ways.ok(h, body, text, before)

    def repeats_in_words(h, body, text, before):
        if body["response_format"]["type"] == "json_schema":
            return h.json(400, error("cannot do this: " + json.dumps(body)))
        return Ways.ok(h, body, text, before)

    def thinks(h, body, text, before):
        h.json(200, completion('<think>\n{"said": "not yet"}\n</think>\n\n{"said": "done"}'))

    def thinks_on(h, body, text, before):
        h.json(200, completion("<think>\nhm, hm, hm", finish_reason="length"))

    def fences(h, body, text, before):
        h.json(200, completion('Here you are:\n```json\n{"said": "done"}\n```\nAnything else?'))

    def other_json(h, body, text, before):
        h.json(200, completion('["a", "list"]'))

    def no_schema(h, body, text, before):  # as llama-cpp-python
        kind = body.get("response_format", {"type": "text"})["type"]
        if kind not in ("text", "json_object"):
            return h.json(422, {"detail": [{"type": "literal_error", "loc": ["body", "response_format", "type"]}]})
        return Ways.ok(h, body, text, before)

    def no_format(h, body, text, before):
        if "response_format" in body:
            return h.json(400, error("response_format is unknown"))
        if upstream:
            return h.pass_on(body)
        return h.json(200, completion(json.dumps({"said": text.split("\n")[0]})))

    def too_long_for_some(h, body, text, before):
        if "broken" in text:
            return h.json(400, error("This model's maximum context length is 8192 tokens", "context_length_exceeded"))
        return Ways.ok(h, body, text, before)

    def new_names(h, body, text, before):
        if "max_tokens" in body:
            return h.json(400, error("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."))
        if "temperature" in body:
            return h.json(400, error("Unsupported value: 'temperature' does not support 0 with this model."))
        return Ways.ok(h, body, text, before)

    def no_logprobs(h, body, text, before):
        if body.get("logprobs"):
            return h.json(200, completion("Y", logprobs=None))
        return h.json(200, completion('{"answer": "%s"}' % ("No" if "green" in text else "Yes")))

    def withholds_some(h, body, text, before):
        if "green" in text:
            return h.json(200, completion("", finish_reason="content_filter", logprobs=None))
        if "blue" in text:
            return h.json(200, completion(None, message={"refusal": "No."}, logprobs=None))
        if "gray" in text:
            return h.json(200, completion("", logprobs=None))
        return Ways.ok(h, body, text, before)

    def few_logprobs(h, body, text, before):
        if body.get("top_logprobs", 0) > 5:
            return h.json(400, error("top_logprobs must be at most 5"))
        return Ways.ok(h, body, text, before)

    def logprobs_fail(h, body, text, before):  # as llama-cpp-python without logits_all
        if body.get("logprobs"):
            return h.json(500, error("logprobs is not supported for models created with logits_all=False"))
        return h.json(200, completion("No, it is not."))

    def unsure(h, body, text, before):
        if body.get("logprobs") and "green" in text:
            return h.json(200, completion("The", logprobs={"content": [
                {"token": "The", "logprob": -0.1, "top_logprobs": [{"token": "The", "logprob": -0.1}]}]}))
        if body.get("logprobs"):
            return Ways.ok(h, body, text, before)
        return h.json(200, completion('{"answer": "No"}'))

    def writes(h, body, text, before):  # questions about a caption's last word, and what a caption says
        if body.get("logprobs"):
            yes = 0.1 if "rowing boat" in text else 0.9
            top = [{"token": t, "logprob": math.log(p)} for t, p in [("Yes", yes), ("No", 1 - yes)]]
            return h.json(200, completion("Yes", logprobs={"content": [{**top[0], "top_logprobs": top}]}))
        if "broken" in text:
            return h.json(200, completion("I'm sorry, but I can't help with that."))
        told = body["messages"][0]["content"]
        what = ("Does the shadow follow the %s?" if "obeys physics" in told
                else "Are there sharp edges on the %s?" if "whatever it shows" in told else "Is there a %s?")
        thing = text.split("\n")[0].split()[-1]
        fact = {"fact": thing, "question": what % thing, "answer": "Yes", "twin": what % "rowing boat",
                "paraphrase": "Going by your eyes, " + what[0].lower() + what[1:] % thing}
        return h.json(200, completion(json.dumps({"questions": [fact], "open": []})))

    def writes_slowly(h, body, text, before):
        time.sleep(0.1)
        return Ways.writes(h, body, text, before)

    def writes_german(h, body, text, before):
        if body.get("logprobs"):
            return Ways.writes(h, body, text, before)
        fact = {"fact": "da", "question": "Ist der Hund zu sehen?", "answer": "Yes", "twin": "Ist die Katze zu sehen?"}
        return h.json(200, completion(json.dumps({"questions": [fact], "open": []})))

    def moved(h, body, text, before):
        h.bytes(301, b"", headers={"Location": f"http://localhost:{h.server.server_port}/ok/v1/chat/completions"})


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def head(self, status, length, kind="application/json", headers={}):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def bytes(self, status, body, kind="application/json", headers={}):
        self.head(status, len(body), kind, headers)
        self.wfile.write(body)

    def json(self, status, value, headers={}):
        self.bytes(status, json.dumps(value).encode(), headers=headers)

    def pass_on(self, body):
        to = http.client.HTTPConnection(urllib.parse.urlsplit(upstream).netloc, timeout=600)
        to.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
        reply = to.getresponse()
        self.bytes(reply.status, reply.read())

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        way = urllib.parse.urlsplit(self.path).path.split("/")[1]  # a proxy is given the whole address
        text = body["messages"][-1]["content"]
        with lock:
            before = asked.get((way, text), 0)
            asked[way, text] = before + 1
            line = {"way": way, "path": self.path, "text": text, "body": body, "time": time.monotonic(),
                    "key": self.headers.get("Authorization")}
            log_file.write(json.dumps(line) + "\n")
            log_file.flush()
        try:
            if not self.path.endswith("/v1/chat/completions") or not hasattr(Ways, way):
                return self.json(404, error("no such address"))
            getattr(Ways, way)(self, body, text, before)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        pass


def main():
    global log_file, upstream, slow_s
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", required=True)
    parser.add_argument("--upstream")
    parser.add_argument("--slow", type=float, default=slow_s)
    parser.add_argument("--tls", nargs=2)
    options = parser.parse_args()
    log_file, upstream, slow_s = open(options.log, "w", encoding="utf-8"), options.upstream, options.slow
    server = Server(("127.0.0.1", 0), Handler)
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"port {server.server_port}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
