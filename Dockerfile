# The Node version is the one that tests and builds run on: the dev dependency `node` in package.json.
FROM node:24.21.0-bookworm-slim AS base
WORKDIR /app

FROM base AS build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/ scripts/
COPY src/ src/
RUN npm run build

FROM base AS modules
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM base
LABEL org.opencontainers.image.title="national-id-mediator" \
      org.opencontainers.image.description="OpenHIM mediator between OpenCRVS civil registration and a national ID system" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MPL-2.0"
ENV NODE_ENV=production
ENV DATA_DIR=/data
# The one place that is written to; the rest of the image may be mounted read-only.
RUN mkdir /data && chown node:node /data
COPY --from=modules /app/node_modules/ node_modules/
COPY --from=build /app/dist/ dist/
COPY package.json mediator.json ./
COPY config/ config/
COPY scripts/healthcheck.mjs scripts/
# The administrator's commands by their name: docker exec CONTAINER national-id-mediator --help
RUN ln -s /app/dist/cli/main.js /usr/local/bin/national-id-mediator
USER node
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["node", "scripts/healthcheck.mjs"]
# Node is process 1 and takes SIGTERM itself; run with --init where orphans must be reaped.
CMD ["node", "--enable-source-maps", "dist/main.js"]
