import { journeySuite } from './journey-suite.js';

journeySuite('postgres');
