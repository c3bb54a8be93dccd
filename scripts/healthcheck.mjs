/**
 * Asks our own `/health/live` and ends with 0 when it answers 200. Used by the image's HEALTHCHECK, which has no curl.
 * The port comes from the same settings as the service, so `PORT`, `OPS_PORT`, TLS and `CONFIG_FILE` are respected.
 */
import http from 'node:http';
import https from 'node:https';
import { loadSettings } from '../dist/config/index.js';

const EVERY_ADDRESS = new Set(['0.0.0.0', '::']);
const { host, port, opsPort, tls } = loadSettings(process.env).http;

// The listener on OPS_PORT speaks plain HTTP.
const request = (tls === undefined || opsPort !== undefined ? http : https).get({
  host: EVERY_ADDRESS.has(host) ? 'localhost' : host,
  port: opsPort ?? port,
  path: '/health/live',
  // We ask ourselves: the certificate names the outside address, not this one.
  rejectUnauthorized: false,
  timeout: 3_000,
});
request.on('response', (response) => {
  response.resume();
  process.exitCode = response.statusCode === 200 ? 0 : 1;
});
request.on('timeout', () => request.destroy(new Error('no answer in 3 s')));
request.on('error', (error) => {
  process.stderr.write(`not live: ${error.message}\n`);
  process.exitCode = 1;
});
