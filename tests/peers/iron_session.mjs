// Answers requests with iron-session, one JSON line each: compared_stacks.py sends them.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

// From the folder that npm installed into, which is not the folder of this file.
const { getIronSession } = await import(createRequire(process.cwd() + "/").resolve("iron-session"));
const realNow = Date.now;

const actions = {
  "/none": () => "",
  "/read": (session) => session.word ?? "",
  "/write": async (session, text) => { session.word = text; await session.save(); return ""; },
  "/begin-list": async (session) => { session.list = { items: [] }; await session.save(); return ""; },
  "/change-list": async (session) => { session.list.items.push("tea"); await session.save(); return ""; },
  "/read-list": (session) => String(session.list.items.length),
  "/write-date": async (session) => { session.date = new Date(0); await session.save(); return ""; },
  "/read-date": (session) => typeof session.date,
  "/sign-out": (session) => { session.destroy(); return ""; },
};

async function answer({ path, text, cookie, now, password }) {
  Date.now = () => (now === null ? realNow() : Math.round(now * 1000));
  const request = new Request("https://shop.test" + path, { headers: { cookie } });
  const response = new Response(null);
  try {
    const session = await getIronSession(request, response, { password, cookieName: "session" });
    const body = await actions[path](session, text);
    return { status: 200, fields: [...response.headers], body };
  } catch (error) {
    return { status: 500, fields: [], body: error.message };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
