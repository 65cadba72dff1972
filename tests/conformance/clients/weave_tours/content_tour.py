"""Media and files: images, audio, content of every origin, custom objects, big payloads."""

import base64
import io
import sys
import threading
import wave
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import weave
from PIL import Image
from watch import Tour

PROJECT = sys.argv[1]
client = weave.init(PROJECT)
tour = Tour()
RED = Image.new("RGB", (8, 6), (255, 0, 0))


def beep() -> bytes:
    held = io.BytesIO()
    with wave.open(held, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\x00\x01" * 800)
    return held.getvalue()


Path("beep.wav").write_bytes(beep())
Path("note.txt").write_text("a note\n")


@weave.op
def draws(image: Image.Image) -> Image.Image:
    return image.rotate(90, expand=True)


class Served(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "text/plain")
        self.end_headers()
        self.wfile.write(b"from afar")

    def log_message(self, *_words):
        """Nothing."""


def read_back(value, name):
    published = weave.publish(value, name=name)
    client.flush()  # the client sends files in threads of its own, and does not wait for them
    return weave.ref(published.uri).get()


with tour:

    @tour.step
    def images():
        _result, call = draws.call(RED)
        client.flush()
        read = client.get_call(call.id)
        again = read_back({"picture": RED, "list": [RED]}, "pictures")
        return {
            "output": list(read.output.size),
            "input": list(read.inputs["image"].size),
            "pixel": list(read.output.convert("RGB").getpixel((0, 0))),
            "published": [list(again["picture"].size), list(again["list"][0].size)],
        }

    @tour.step
    def contents():
        server = HTTPServer(("127.0.0.1", 0), Served)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made = {
            "bytes": weave.Content.from_bytes(b"\x89PNG\r\n\x1a\n", extension="png"),
            "text": weave.Content.from_text(
                "héllo", mimetype="text/markdown", metadata={"by": "me"}
            ),
            "base64": weave.Content.from_base64(base64.b64encode(b"raw"), extension="txt"),
            "path": weave.Content.from_path("note.txt"),
            "data": weave.Content.from_data_url("data:text/plain;base64,aGk="),
            "url": weave.Content.from_url(f"http://127.0.0.1:{server.server_port}/a.txt"),
        }
        server.shutdown()
        read = {name: read_back(value, f"content-{name}") for name, value in made.items()}
        read["path"].save("copy.txt")
        return {
            "same": {name: read[name].data == made[name].data for name in made},
            "types": {name: read[name].mimetype for name in made},
            "text": read["text"].as_string(),
            "metadata": read["text"].metadata["by"],
            "saved": Path("copy.txt").read_text(),
            "data_url": read["data"].to_data_url(),
            "ref": read["text"].ref is not None,
            "art": read["text"].art is not None,
            "validated": weave.Content.model_validate(made["text"].model_dump()).as_string(),
            "json": weave.Content.model_validate_json(made["base64"].model_dump_json()).data
            == b"raw",
            "opened": made["path"].open() in {True, False},
        }

    @tour.step
    def other_kinds():
        sound = read_back(weave.Audio.from_data(beep(), "wav"), "a-sound")
        note = read_back(weave.Markdown("# Title"), "a-markdown")
        return {"markdown": str(getattr(note, "markup", note)), "sound": len(sound.data)}

    @tour.step
    def big_payloads():
        text = "x" * 500_000
        call = weave.log_call("big", {"text": text}, {"lines": ["y" * 1000] * 300}, use_stack=False)
        client.flush()
        read = client.get_call(call.id)
        return [len(read.inputs["text"]), len(read.output["lines"])]


tour.tell()
