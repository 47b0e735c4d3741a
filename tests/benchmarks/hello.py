"""The least a Flask application can do, on the same gunicorn: what all others are compared with."""

from flask import Flask, Response, jsonify

app = Flask(__name__)


@app.get("/")
@app.get("/healthz")
def hello() -> Response:
    return jsonify(hello="world")
