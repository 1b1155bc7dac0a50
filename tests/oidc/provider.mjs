// A certified OpenID provider on loopback for tests: node provider.mjs PORT REDIRECT_URI AFTER_LOGOUT.
// Who signs in, and how, is told it by POST /next {account, acr, amr}; it asks nobody anything.
import Provider from 'oidc-provider';

const [port, redirect, after] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
let next = { account: 'somebody' };

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'tianqi', client_secret: 'a-secret-of-the-tests', redirect_uris: [redirect],
    post_logout_redirect_uris: [after], response_types: ['code'], grant_types: ['authorization_code'],
  }],
  pkce: { required: () => true },
  acrValues: ['urn:tests:two'],
  claims: { openid: ['sub', 'acr', 'amr', 'auth_time'], profile: ['name', 'employee_number'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['tests'] },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: `姓名${id}`, employee_number: `E-${id}` }),
  }),
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
});

provider.use(async (ctx, go) => {
  if (ctx.path === '/next') {
    let body = '';
    for await (const piece of ctx.req) body += piece;
    next = JSON.parse(body);
    ctx.body = 'ok';
    return;
  }
  if (!ctx.path.startsWith('/interaction/')) return go();
  const { prompt, params, session } = await provider.interactionDetails(ctx.req, ctx.res);
  let result;
  if (prompt.name === 'login') {
    result = { login: { accountId: next.account, acr: next.acr, amr: next.amr } };
  } else {
    const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope('openid profile');
    result = { consent: { grantId: await grant.save() } };
  }
  ctx.respond = false;
  await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: true });
});

provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
