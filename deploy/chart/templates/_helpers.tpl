{{- define "harborconf.name" -}}
{{- if contains "harborconf" .Release.Name -}}
{{- .Release.Name | trunc 30 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-harborconf" (.Release.Name | trunc 19 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{- define "harborconf.selector" -}}
app.kubernetes.io/name: harborconf
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "harborconf.labels" -}}
{{ include "harborconf.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "harborconf.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "harborconf.name" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "harborconf.image" -}}
{{- $image := .Values.image -}}
{{- $repository := required "image.repository is required: where your harborconf image is" $image.repository -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository ($image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* A target with the defaults, checked. Takes root, name. */}}
{{- define "harborconf.target" -}}
{{- $target := mergeOverwrite (deepCopy .root.Values.defaults) (deepCopy (index .root.Values.targets .name | default dict)) -}}
{{- $_ := required (printf "targets.%s.credentials.secret is required: an existing Secret" .name) $target.credentials.secret -}}
{{- $from := $target.configuration -}}
{{- $count := 0 -}}
{{- if $from.git.repository }}{{ $count = add1 $count }}{{ end -}}
{{- if $from.oci.reference }}{{ $count = add1 $count }}{{ end -}}
{{- if or $from.configMaps $from.inline }}{{ $count = add1 $count }}{{ end -}}
{{- if ne (int $count) 1 -}}
{{- fail (printf "targets.%s.configuration: name one of git, oci, and configMaps or inline; there are %d" .name (int $count)) -}}
{{- end -}}
{{- if gt (len (toJson $from.inline)) 1048576 -}}
{{- fail (printf "targets.%s.configuration.inline is over 1 MiB, which a ConfigMap cannot hold: use git, oci, or several configMaps" .name) -}}
{{- end -}}
{{- toYaml $target -}}
{{- end -}}

{{/* Where the files are in the container, one a line. Takes target, name, full. */}}
{{- define "harborconf.paths" -}}
{{- $roots := list -}}
{{- $from := .target.configuration -}}
{{- if $from.git.repository }}{{ $roots = append $roots "/config/repository" }}
{{- else if $from.oci.reference }}{{ $roots = append $roots "/config/artifact" }}
{{- else -}}
{{- if $from.inline }}{{ $roots = append $roots "/config/inline" }}{{ end -}}
{{- range $from.configMaps }}{{ $roots = append $roots (printf "/config/%s" .) }}{{ end -}}
{{- end -}}
{{- range $root := $roots }}
{{- range $path := $from.paths }}
- {{ printf "%s/%s" $root $path | trimSuffix "/" | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "harborconf.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* The pod. Takes root, name, target, and command: the words before the paths. */}}
{{- define "harborconf.podSpec" -}}
{{- $from := .target.configuration -}}
{{- $full := printf "%s-%s" (include "harborconf.name" .root) .name -}}
serviceAccountName: {{ include "harborconf.serviceAccount" .root }}
automountServiceAccountToken: {{ not (empty .root.Values.stores.secrets) }}
enableServiceLinks: false
restartPolicy: Never
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile: {type: RuntimeDefault}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- if $from.git.repository }}
initContainers:
  - name: git
    image: {{ .root.Values.gitSync.image }}
    args: [--one-time, --depth=1, --root=/config, --link=repository]
    env:
      - {name: GITSYNC_REPO, value: {{ $from.git.repository | quote }}}
      - {name: GITSYNC_REF, value: {{ $from.git.ref | quote }}}
      {{- with $from.git.secret }}
      - name: GITSYNC_USERNAME
        valueFrom: {secretKeyRef: {name: {{ . }}, key: username}}
      - name: GITSYNC_PASSWORD
        valueFrom: {secretKeyRef: {name: {{ . }}, key: password}}
      {{- end }}
    securityContext:
      {{- include "harborconf.containerSecurity" . | nindent 6 }}
    resources:
      {{- toYaml .root.Values.gitSync.resources | nindent 6 }}
    terminationMessagePolicy: FallbackToLogsOnError
    volumeMounts:
      - {name: config, mountPath: /config}
      - {name: tmp, mountPath: /tmp}
{{- end }}
containers:
  - name: harborconf
    image: {{ include "harborconf.image" .root }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args:
      {{- toYaml .command | nindent 6 }}
      {{- include "harborconf.paths" . | trim | nindent 6 }}
    workingDir: /tmp
    env:
      {{- with .target.url }}
      - {name: HARBOR_URL, value: {{ . | quote }}}
      {{- end }}
      - name: HARBOR_USERNAME
        valueFrom:
          secretKeyRef: {name: {{ .target.credentials.secret }}, key: {{ .target.credentials.usernameKey }}}
      - {name: HARBOR_PASSWORD_FILE, value: /credentials/{{ .target.credentials.passwordKey }}}
      {{- if or .target.ca.secret .target.ca.configMap }}
      - {name: HARBOR_CA_FILE, value: /ca/{{ .target.ca.key }}}
      {{- end }}
      {{- with .target.env }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- with .target.envFrom }}
    envFrom:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    securityContext:
      {{- include "harborconf.containerSecurity" . | nindent 6 }}
    resources:
      {{- toYaml .target.resources | nindent 6 }}
    terminationMessagePolicy: FallbackToLogsOnError
    volumeMounts:
      - {name: tmp, mountPath: /tmp}
      - {name: credentials, mountPath: /credentials, readOnly: true}
      {{- if $from.git.repository }}
      - {name: config, mountPath: /config, readOnly: true}
      {{- else if $from.oci.reference }}
      - {name: config, mountPath: /config/artifact, readOnly: true}
      {{- else }}
      {{- if $from.inline }}
      - {name: inline, mountPath: /config/inline, readOnly: true}
      {{- end }}
      {{- range $index, $name := $from.configMaps }}
      - {name: config-{{ $index }}, mountPath: /config/{{ $name }}, readOnly: true}
      {{- end }}
      {{- end }}
      {{- if or .target.ca.secret .target.ca.configMap }}
      - {name: ca, mountPath: /ca, readOnly: true}
      {{- end }}
      {{- if .target.secretFiles }}
      - {name: secrets, mountPath: /secrets, readOnly: true}
      {{- end }}
      {{- with .target.volumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
volumes:
  - name: tmp
    emptyDir: {}
  - name: credentials
    secret:
      secretName: {{ .target.credentials.secret }}
      items: [{key: {{ .target.credentials.passwordKey }}, path: {{ .target.credentials.passwordKey }}}]
      defaultMode: 0440
  {{- if $from.git.repository }}
  - name: config
    emptyDir: {}
  {{- else if $from.oci.reference }}
  - name: config
    image: {reference: {{ $from.oci.reference | quote }}, pullPolicy: {{ $from.oci.pullPolicy }}}
  {{- else }}
  {{- if $from.inline }}
  - name: inline
    configMap: {name: {{ $full }}}
  {{- end }}
  {{- range $index, $name := $from.configMaps }}
  - name: config-{{ $index }}
    configMap: {name: {{ $name }}}
  {{- end }}
  {{- end }}
  {{- if .target.ca.secret }}
  - name: ca
    secret: {secretName: {{ .target.ca.secret }}}
  {{- else if .target.ca.configMap }}
  - name: ca
    configMap: {name: {{ .target.ca.configMap }}}
  {{- end }}
  {{- with .target.secretFiles }}
  - name: secrets
    secret: {secretName: {{ . }}, defaultMode: 0440}
  {{- end }}
  {{- with .target.volumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .target.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .target.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .target.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The Job's spec: what drift and changes have in common. Takes root, name, target. */}}
{{- define "harborconf.jobSpec" -}}
{{- $command := list "apply" "--yes" -}}
{{- if eq .target.mode "plan" }}{{ $command = list "plan" }}{{ end -}}
{{- $command = concat $command (list "--wait" .target.wait) .target.args -}}
backoffLimit: {{ .target.backoffLimit }}
activeDeadlineSeconds: {{ .target.activeDeadlineSeconds }}
{{- if eq .target.mode "plan" }}
podFailurePolicy: # drift is no failure that trying again would mend
  rules:
    - action: FailJob
      onExitCodes: {containerName: harborconf, operator: In, values: [2]}
{{- end }}
template:
  metadata:
    labels:
      {{- include "harborconf.selector" .root | nindent 6 }}
      harborconf/target: {{ .name | quote }}
      {{- with .target.podLabels }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- with .target.podAnnotations }}
    annotations:
      {{- toYaml . | nindent 6 }}
    {{- end }}
  spec:
    {{- include "harborconf.podSpec" (merge (dict "command" $command) .) | nindent 4 }}
{{- end -}}
