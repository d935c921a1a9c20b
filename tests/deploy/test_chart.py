"""The Helm chart: rendered by Helm, judged by the schemas of Kubernetes and by the program whose settings it holds."""

import kubernetes_validate
import pytest
import yaml

CHART = "docker/helm/tintype"
KEY = "secrets.SECURITY_KEY=0123456789abcdef"
EVERYTHING = [
    "--set", "metrics.serviceMonitor.enabled=true,autoscaling.queue.enabled=true,ingress.enabled=true",
    "--set", "ingress.hosts={img.example.com},ingress.className=nginx,podLabels.team=pictures",
    "--set", "ingress.tls[0].secretName=tls,ingress.tls[0].hosts={img.example.com}",
    "--set", "settings.ALLOWED_SOURCES={images.example.com},settings.MAX_PIXELS=75000000",
    "--set", "settings.SOURCES[0].prefix=a/,settings.SOURCES[0].loader=s3,settings.SOURCES[0].bucket=b",
    "--set", "existingSecret=vault,serviceAccount.annotations.role=r,nodeSelector.disk=fast,podAnnotations.a=b",
    "--set", "networkPolicy.from[0].namespaceSelector.matchLabels.name=ingress",
    "--set", "networkPolicy.metricsFrom[0].namespaceSelector.matchLabels.name=monitoring",
    "--set", "networkPolicy.egress.extra[0].to[0].ipBlock.cidr=10.1.2.0/24",
    "--set", "tolerations[0].operator=Exists,imagePullSecrets[0].name=registry",
    "--set", "extraVolumes[0].name=p,extraVolumes[0].persistentVolumeClaim.claimName=p",
    "--set", "extraVolumeMounts[0].name=p,extraVolumeMounts[0].mountPath=/pictures,extraVolumeMounts[0].readOnly=true",
]  # fmt: skip
LITTLE = [
    "--set", "autoscaling.enabled=false,podDisruptionBudget.enabled=false,networkPolicy.enabled=false",
    "--set", "serviceAccount.create=false,replicas=1",
]  # fmt: skip


@pytest.fixture
def rendered(run):
    """What the chart makes of values, by kind and name."""

    def rendered(*values):
        objects = yaml.safe_load_all(run("helm", "template", "img", CHART, "--set", KEY, *values))
        return {(one["kind"], one["metadata"]["name"]): one for one in objects}

    return rendered


def test_the_chart_has_no_faults(run):
    assert "0 chart(s) failed" in run("helm", "lint", "--strict", CHART, "--set", KEY)


@pytest.mark.parametrize("values", [[], EVERYTHING, LITTLE], ids=["defaults", "everything", "little"])
@pytest.mark.parametrize("version", ["1.27", "1.37"])
def test_every_object_is_as_its_schema_says(rendered, values, version):
    objects = rendered(*values)
    assert len(objects) == {0: 9, len(EVERYTHING): 11, len(LITTLE): 5}[len(values)], sorted(objects)
    for one in objects.values():
        if one["kind"] != "ServiceMonitor":  # of the Prometheus operator, whose schema is not Kubernetes'
            kubernetes_validate.validate(one, version, strict=True)


def test_the_schemas_find_faults(rendered):
    deployment = rendered()[("Deployment", "img-tintype")]
    deployment["spec"]["template"]["spec"]["containers"][0]["livenessprobe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, "1.37", strict=True)


@pytest.mark.parametrize("values", [[], EVERYTHING], ids=["defaults", "everything"])
def test_the_program_takes_the_settings(rendered, settings_are_good, values):
    objects = rendered(*values)
    variables = objects[("ConfigMap", "img-tintype")]["data"] | objects[("Secret", "img-tintype")]["stringData"]
    shown = settings_are_good(variables)
    assert 'LOADER = "http" # environment' in shown
    if values:
        assert 'ALLOWED_SOURCES = ["images.example.com"] # environment' in shown
        assert "MAX_PIXELS = 75000000 # environment" in shown
        assert "[[sources]]" in shown


def test_a_pod_is_given_the_time_that_the_server_takes_to_end(rendered):
    objects = rendered("--set", "shutdown.lingerSeconds=7,shutdown.answersSeconds=40")
    pod = objects[("Deployment", "img-tintype")]["spec"]["template"]["spec"]
    data = objects[("ConfigMap", "img-tintype")]["data"]
    times = [int(data[f"TINTYPE_{key}"]) for key in ("MAX_WAIT_SECONDS_BEFORE_SERVER_SHUTDOWN", "SHUTDOWN_TIMEOUT")]
    assert (times, pod["terminationGracePeriodSeconds"]) == ([7, 40], 52)


def test_services_budgets_and_policies_are_for_the_pods(rendered):
    objects = rendered(*EVERYTHING)
    pod = objects[("Deployment", "img-tintype")]["spec"]["template"]
    labels = pod["metadata"]["labels"]
    ports = {port["name"] for port in pod["spec"]["containers"][0]["ports"]}
    for (kind, name), one in objects.items():
        spec = one.get("spec", {})
        selector = {
            "Service": lambda: spec["selector"],
            "Deployment": lambda: spec["selector"]["matchLabels"],
            "PodDisruptionBudget": lambda: spec["selector"]["matchLabels"],
            "NetworkPolicy": lambda: spec["podSelector"]["matchLabels"],
        }.get(kind)
        if selector:
            assert selector().items() <= labels.items(), (kind, name)
        if kind == "Service":
            assert {port["targetPort"] for port in spec["ports"]} <= ports
    monitor = objects[("ServiceMonitor", "img-tintype")]["spec"]
    service = objects[("Service", "img-tintype-metrics")]
    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert monitor["endpoints"][0]["port"] == service["spec"]["ports"][0]["name"]


def test_a_server_without_any_key_is_refused(run):
    assert "give secrets.SECURITY_KEY" in run("helm", "template", "img", CHART, fails=True)
    run("helm", "template", "img", CHART, "--set", "existingSecret=vault")
    run("helm", "template", "img", CHART, "--set-string", "settings.ALLOW_UNSAFE_URL=true")


def test_values_that_do_not_exist_are_refused(run):
    told = run("helm", "template", "img", CHART, "--set", KEY, "--set", "replicaCount=3", fails=True)
    assert "replicaCount" in told
