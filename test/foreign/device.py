"""A device in Python: registers, creates, subscribes, answers what it is told, and prints what it saw as one line of JSON.

    python3 device.py HOST PORT 311|5 AE-ID CSE-LEVEL CSEBASE-NAME
"""
import json
import queue
import sys

import paho.mqtt.client as mqtt

host, port, version, stem, cse, base = sys.argv[1:7]
instances = 25
patience = 60

answers = {}
told = queue.Queue()
connected = queue.Queue()


def new_client():
    protocol = mqtt.MQTTv5 if version == "5" else mqtt.MQTTv311
    options = {"client_id": "A::" + stem, "protocol": protocol}
    if hasattr(mqtt, "CallbackAPIVersion"):  # since 2.0
        options["callback_api_version"] = mqtt.CallbackAPIVersion.VERSION2
    return mqtt.Client(**options)


def on_connect(client, _data, _flags, code, _properties=None):
    connected.put(str(code))


def on_subscribe(*_rest):
    connected.put("subscribed")


def on_message(client, _data, message):
    primitive = json.loads(message.payload)
    if "op" not in primitive:
        answers.setdefault(primitive["rqi"], queue.Queue()).put(primitive)
        return
    told.put(primitive)
    answer = {"rsc": 2000, "rqi": primitive["rqi"], "rvi": "3"}
    client.publish(message.topic.replace("/req/", "/resp/"), json.dumps(answer), qos=1)


client = new_client()
client.on_connect = on_connect
client.on_subscribe = on_subscribe
client.on_message = on_message
client.connect(host, int(port))
client.loop_start()
connected.get(timeout=patience)
client.subscribe([("/oneM2M/resp/%s/%s/json" % (stem, cse), 1), ("/oneM2M/req/%s/%s/json" % (cse, stem), 1)])
connected.get(timeout=patience)

requests = 0


def request(operation, to, **more):
    global requests
    requests += 1
    rqi = "py-%d" % requests
    primitive = dict({"op": operation, "to": to, "fr": stem, "rqi": rqi, "rvi": "3"}, **more)
    waiting = answers.setdefault(rqi, queue.Queue())
    client.publish("/oneM2M/req/%s/%s/json" % (stem, cse), json.dumps(primitive), qos=1)
    return waiting.get(timeout=patience)


def must(code, *arguments, **more):
    answer = request(*arguments, **more)
    if answer["rsc"] != code:
        raise SystemExit("answered %s instead of %s to %s: %s" % (answer["rsc"], code, arguments, answer.get("pc")))
    return answer.get("pc", {})


home = "%s/%s" % (base, stem)
box = home + "/box"
must(2001, 1, base, ty=2, pc={"m2m:ae": {"rn": stem, "api": "Npython", "rr": True, "srv": ["3"]}})
must(2001, 1, home, ty=3, pc={"m2m:cnt": {"rn": "box", "lbl": ["größe:m"]}})
must(2001, 1, box, ty=23, pc={"m2m:sub": {"rn": "self", "nu": [stem], "enc": {"net": [3], "chty": [4]}}})
for index in range(instances):
    must(2001, 1, box, ty=4, pc={"m2m:cin": {"con": {"index": index, "text": "☃ %d" % index}}})
contents = [
    told.get(timeout=patience)["pc"]["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"] for _ in range(instances)
]
latest = must(2000, 2, box + "/la")["m2m:cin"]
shown = must(2004, 3, box, pc={"m2m:cnt": {"lbl": ["done"]}})["m2m:cnt"]
found = must(2000, 2, home, fc={"fu": 1, "ty": [4]})["m2m:uril"]
must(2002, 4, home)
gone = request(2, box)["rsc"]
print(
    json.dumps(
        {
            "told": contents,
            "latest": latest["con"],
            "instances": shown["cni"],
            "labels": shown["lbl"],
            "found": len(found),
            "gone": gone,
        }
    )
)
client.loop_stop()
client.disconnect()
