/**
 * What core 8.5.0 keeps of what it is sent. It drops every other member without a word and does not give it back (seen;
 * `src/model/channels.js` and `mediators.js` of core), so a member that is not here cannot be compared. It is sent all
 * the same: a later core may know it.
 */
const membersIn = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

const ROUTE = membersIn(`
  name type cert status secured host port path pathTransform primary username password forwardAuthHeader
  waitPrimaryResponse statusCodesCheck kafkaClientId kafkaTopic
`);
const CHANNEL = membersIn(`
  name description urlPattern isAsynchronousProcess maxBodyAgeDays timeout methods type priority tcpPort tcpHost
  pollingSchedule requestBody responseBody allow whitelist authType routes matchContentTypes matchContentRegex
  matchContentXpath matchContentJson matchContentValue properties txViewAcl txViewFullAcl txRerunAcl alerts status
  rewriteUrls addAutoRewriteRules rewriteUrlsConfig autoRetryEnabled autoRetryPeriodMinutes autoRetryMaxAttempts
`);
const CONFIG_DEF = membersIn('param displayName description type values template array');

type Members = Readonly<Record<string, unknown>>;

const pick = (sent: Members, names: ReadonlySet<string>): Members =>
  Object.fromEntries(Object.entries(sent).filter(([name]) => names.has(name)));

/** What core keeps of a route or an endpoint. */
export const keptOfRoute = (route: Members): Members => pick(route, ROUTE);

/** What core keeps of a channel; its routes are as they were. */
export const keptOfChannel = (channel: Members): Members => pick(channel, CHANNEL);

/** What core keeps of the definition of a setting. */
export const keptOfConfigDef = (def: Members): Members => pick(def, CONFIG_DEF);
