using MicroSpark.Grains.DataPlane;

namespace MicroSpark.Grains.Workers;

/// <inheritdoc />
internal sealed class SiloIdentity(ILocalSiloDetails silo, DataPlaneServer server) : IWorkerIdentity
{
    public string Name => silo.Name;

    public string Address => silo.SiloAddress.Endpoint.ToString();

    public string DataAddress => server.Uri?.ToString() ?? "";
}
