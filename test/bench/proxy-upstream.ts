import { createServer } from 'node:http';
import { benchBodies } from './proxy-bodies.js';

/** The FHIR server of the benchmark, alone in its process: one Patient and one page of a search, always the same. */
const port = Number(process.argv[2]);
const bodies = benchBodies(`http://127.0.0.1:${port}/fhir`);
const patient = Buffer.from(bodies.patient);
const bundle = Buffer.from(bodies.bundle);

// Longer than any pause of the benchmark: no proxy meets a connection that is just being closed.
createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  const isPatient = request.url?.startsWith('/fhir/Patient/') === true;
  const body = isPatient ? patient : bundle;
  response.writeHead(200, {
    'content-type': 'application/fhir+json;charset=utf-8',
    'content-length': body.length,
    ...(isPatient ? { etag: 'W/"3"', 'last-modified': 'Thu, 29 Feb 2024 11:22:33 GMT' } : {}),
  });
  response.end(body);
}).listen(port, '127.0.0.1');
