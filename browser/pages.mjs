// The table of pages: every check of all pages, and every picture, goes through it. One line for each sort of page, with the
// path of one that has much on it. `status` is what it answers, 200 by default; `prepare` brings it into another state first.

const service = '/catalog/default/component/checkout-service';

export const pages = [
  { name: 'home', path: '/' },
  { name: 'palette', path: '/', prepare: openPalette },
  { name: 'catalog', path: '/catalog' },
  { name: 'catalog-narrowed', path: '/catalog?filters[kind]=component&filters[type][]=service&filters[owners][]=group:default/checkout-core&filters[text]=check' },
  { name: 'catalog-empty', path: '/catalog?filters[kind]=component&filters[text]=nothing-is-called-so' },
  { name: 'catalog-systems', path: '/catalog?filters[kind]=system' },
  { name: 'api-docs', path: '/api-docs' },
  { name: 'component', path: service },
  { name: 'component-dependencies', path: `${service}/dependencies` },
  { name: 'component-apis', path: `${service}/api` },
  { name: 'component-problems', path: '/catalog/default/component/shelf-label-updater/problems' },
  { name: 'component-inspect', path: `${service}?inspect=yaml` },
  { name: 'component-unregister', path: `${service}/unregister` },
  { name: 'resource', path: '/catalog/default/resource/kafka-commerce' },
  { name: 'system', path: '/catalog/default/system/warehouse-management' },
  { name: 'domain', path: '/catalog/default/domain/checkout' },
  { name: 'journey', path: '/catalog/default/journey/buy-online' },
  { name: 'teams', path: '/teams' },
  { name: 'teams-found', path: '/teams?text=checkout' },
  { name: 'group', path: '/catalog/default/group/checkout-core' },
  { name: 'group-with-all-below', path: '/catalog/default/group/commerce?members=all&owned=all' },
  { name: 'user', path: '/catalog/default/user/quyen.kobayara' },
  { name: 'search', path: '/search?query=payment' },
  { name: 'search-nothing', path: '/search?query=qqqqzzzz' },
  { name: 'impact', path: '/impact?ref=resource:default/kafka-commerce' },
  { name: 'impact-open', path: '/impact?ref=resource:default/checkout-db', prepare: openReasons },
  { name: 'impact-ask', path: '/impact' },
  { name: 'impact-alert', path: '/impact?alert=' + encodeURIComponent('[FIRING:1] HighErrorRate service=checkout-service pod=bag-service-7d9f8b6c5-x2x9z') },
  { name: 'impact-by-journey', path: '/impact?ref=resource:default/kafka-commerce&show=journey' },
  { name: 'impact-by-team', path: '/impact?ref=resource:default/kafka-commerce&state=slow&show=team' },
  { name: 'impact-causes', path: '/impact?ref=component:default/checkout-service&ref=component:default/bag-service&show=causes' },
  { name: 'impact-text', path: '/impact?ref=resource:default/checkout-db&show=text' },
  { name: 'impact-nothing', path: '/impact?ref=component:default/android-app&for=change' },
  { name: 'problems', path: '/problems' },
  { name: 'problems-of-a-team', path: '/problems?owner=group:default/price-engine' },
  { name: 'register', path: '/catalog-import' },
  { name: 'register-refused', path: '/catalog-import', prepare: lookAtForbidden },
  { name: 'locations', path: '/locations' },
  { name: 'location', path: '/locations', prepare: openLocation },
  { name: 'operations', path: '/operations' },
  { name: 'webhooks', path: '/webhooks' },
  { name: 'webhook-form', path: '/webhooks/new' },
  { name: 'webhook-secret', path: '/webhooks/new', prepare: makeWebhook },
  { name: 'webhook', path: '/webhooks/new', prepare: openWebhook },
  { name: 'webhook-edit', path: '/webhooks/new', prepare: (page) => openWebhook(page, 'Change') },
  { name: 'webhook-remove', path: '/webhooks/new', prepare: (page) => openWebhook(page, 'Remove') },
  { name: 'graph', path: '/catalog-graph?rootEntityRefs[]=component:default/checkout-service' },
  { name: 'graph-table', path: '/catalog-graph?rootEntityRefs[]=component:default/checkout-service&view=table' },
  { name: 'component-graph', path: `${service}/graph` },
  { name: 'system-diagram', path: '/catalog/default/system/bag/diagram' },
  { name: 'definition-openapi', path: '/catalog/default/api/bag-api/definition' },
  { name: 'definition-asyncapi', path: '/catalog/default/api/bag-events/definition' },
  { name: 'definition-grpc', path: '/catalog/default/api/price-api/definition' },
  { name: 'definition-source', path: '/catalog/default/api/bag-api/definition?view=source' },
  { name: 'problems-by-owner', path: '/problems?group=owner' },
  { name: 'call-sheets', path: '/call-sheets?root=resource:default/kafka-commerce' },
  { name: 'call-sheet', path: '/call-sheets', prepare: openCallSheet },
  { name: 'call-sheet-closing', path: '/call-sheets', prepare: closeCallSheet },
  { name: 'changes', path: '/changes' },
  { name: 'compare', path: '/changes/compare?from=1' },
  { name: 'component-history', path: `${service}/history` },
  { name: 'group-nearby', path: '/catalog/default/group/checkout-core/history?of=nearby' },
  { name: 'catalog-in-the-past', path: '/catalog?at=2800' },
  { name: 'component-in-the-past', path: `${service}?at=3000` },
  { name: 'impact-in-the-past', path: '/impact?ref=resource:default/kafka-commerce&at=3000' },
  { name: 'settings', path: '/settings' },
  { name: 'keyboard', path: '/keyboard' },
  { name: 'missing-entity', path: '/catalog/default/component/checkout-servise', status: 404 },
  { name: 'missing-page', path: '/nothing/is/here', status: 404 },
];

async function openPalette(page) {
  await page.keyboard.press('Control+k');
  await page.keyboard.type('check');
  await page.locator('[role=option]').first().waitFor();
}

async function makeWebhook(page) {
  await page.getByLabel('Name', { exact: true }).fill('Release notes');
  await page.getByLabel('Address').fill('https://hooks.example.com/callboard');
  // Nothing is called so, so nothing is ever sent.
  await page.getByLabel('Single entities').fill('component:default/nothing-is-called-so');
  await page.getByRole('button', { name: 'Make the webhook' }).click();
  await page.getByRole('link', { name: 'I have kept it' }).waitFor();
}

async function openWebhook(page, then) {
  await makeWebhook(page);
  await page.getByRole('link', { name: 'I have kept it' }).click();
  await page.getByRole('button', { name: 'Send a test' }).waitFor();
  if (then) {
    await page.getByRole('link', { name: then, exact: true }).click();
    await page.waitForURL(/\/(edit|remove)$/);
  }
}

async function openLocation(page) {
  await page.locator('tbody td:first-child a').first().click();
  await page.waitForURL(/\/locations\/./);
}

async function lookAtForbidden(page) {
  await page.getByLabel(/Addresses of descriptor files/).fill('https://elsewhere.example/catalog-info.yaml');
  await page.getByRole('button', { name: 'Look at it' }).click();
  await page.getByText('elsewhere.example').first().waitFor();
}

async function closeCallSheet(page) {
  await openCallSheet(page);
  await page.getByRole('link', { name: 'Close' }).click();
  await page.waitForURL(/\/close$/);
}

async function openReasons(page) {
  await page.locator('.struck-why summary').first().click();
}

async function openCallSheet(page) {
  await page.getByLabel('What fails').fill('component:default/checkout-service');
  await page.getByRole('button', { name: 'Open it' }).click();
  await page.waitForURL(/\/call-sheets\/[0-9a-f-]{36}$/);
  await page.getByRole('heading', { name: /^Teams/ }).waitFor();
}
