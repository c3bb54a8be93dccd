export { createFacade, type Facade, type FacadeDeps, type FacadeOptions } from './facade.js';
