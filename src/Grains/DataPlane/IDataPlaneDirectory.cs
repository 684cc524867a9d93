using MicroSpark.Model;

namespace MicroSpark.Grains.DataPlane;

/// <summary>Where a worker's data plane listens, and for how long. The grain layer answers it, on silos and on clients.</summary>
internal interface IDataPlaneDirectory
{
    /// <summary>Such as <c>http://127.0.0.1:41234/</c>; null when the worker is gone or serves none.</summary>
    ValueTask<Uri?> FindAsync(WorkerId worker, CancellationToken cancellationToken);

    /// <summary>Cancelled when the cluster gives the worker up. Clients do not follow the members, and there it never is.</summary>
    CancellationToken LifeOf(WorkerId worker);
}
