import axios from 'axios';
import express from 'express';

/**
 * What is usually written: Express and axios as they come, the same envelope built of objects. It checks nothing, logs
 * nothing, keeps no limits and rewrites no address.
 */
const [port, upstream] = process.argv.slice(2);
const app = express();

app.use('/fhir', async (request, response) => {
  const startedAt = new Date().toISOString();
  const answer = await axios.request<unknown>({
    method: request.method,
    url: `${upstream}${request.originalUrl}`,
    headers: { accept: 'application/fhir+json' },
    validateStatus: () => true,
  });
  const timestamp = new Date().toISOString();
  const target = new URL(`${upstream}${request.originalUrl}`);
  const { 'content-type': contentType, etag, 'last-modified': lastModified } = answer.headers;
  response.set('content-type', 'application/json+openhim').send(
    JSON.stringify({
      'x-mediator-urn': 'urn:mediator:naive',
      status: answer.status < 400 ? 'Successful' : 'Failed',
      response: {
        status: answer.status,
        headers: { 'content-type': contentType, etag, 'last-modified': lastModified },
        body: JSON.stringify(answer.data),
        timestamp,
      },
      orchestrations: [
        {
          name: 'proxy-get',
          group: 'fhir',
          request: {
            method: request.method,
            host: target.hostname,
            port: target.port,
            path: target.pathname,
            querystring: '',
            headers: {},
            body: '',
            timestamp: startedAt,
          },
          response: { status: answer.status, headers: {}, body: '', timestamp },
        },
      ],
    }),
  );
});

app.listen(Number(port), '127.0.0.1');
