// Reads a list of users with nothing but what Node has: `node node.mjs ENDPOINT [--content]`.

const [endpoint, content] = process.argv.slice(2);
const EXTENSION = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const start = performance.now();
let users = 0;
let index = 1;
let total;
while (total === undefined || index <= total) {
  const response = await fetch(`${endpoint}/Users?startIndex=${index}&count=100`);
  const page = await response.json();
  total = page.totalResults;
  index += page.Resources.length;
  users += page.Resources.length;
  if (content) {
    for (const user of page.Resources) {
      const groups = user.groups.map((group) => group.value).join(',');
      console.log([user.id, user.userName, user.displayName, user.emails[0].value, user[EXTENSION].department, groups].join('|'));
    }
  }
}
const seconds = (performance.now() - start) / 1000;
if (!content) {
  const peak_bytes = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ seconds, users, peak_bytes }));
}
