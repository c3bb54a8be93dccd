import { journeySuite } from './journey-suite.js';

journeySuite('embedded');
