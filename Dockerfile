FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The optional PostgreSQL binaries come too, so that embedded:DIR works in the image.
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY migrations migrations
COPY package.json LICENSE ./
# /data is for user lists, job files, csv:DIR and embedded:DIR; the working directory, so that short paths mean it.
RUN mkdir /data && chown node:node /data
VOLUME /data
WORKDIR /data
USER node
ENTRYPOINT ["node", "/app/dist/cli/main.js"]
