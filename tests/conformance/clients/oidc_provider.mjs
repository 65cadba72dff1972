// A real OpenID Connect provider on loopback for the tests of signing in: node oidc_provider.mjs '{"port": ..., ...}'
// Whoever signs in is asked for a name and may give any password; what is known of the name comes from `accounts`.
// It ends when its standard input is closed.
import Provider from "oidc-provider";

const { port, redirects, secret, accounts } = JSON.parse(process.argv[2]);
const client = (id) => ({
  client_id: id,
  client_secret: secret,
  redirect_uris: redirects,
  grant_types: ["authorization_code"],
  response_types: ["code"],
});

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [client("weft"), client("another")],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["preferred_username"] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...accounts[id] }) }),
});

const server = provider.listen(port, "127.0.0.1", () => console.log("ready"));
process.stdin.resume();
process.stdin.on("end", () => {
  server.closeAllConnections();
  server.close();
  process.exit(0);
});
