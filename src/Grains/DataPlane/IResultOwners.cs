using MicroSpark.Grains.Security;
using MicroSpark.Model;

namespace MicroSpark.Grains.DataPlane;

/// <summary>Knows whose the results of jobs are.</summary>
internal interface IResultOwners
{
    /// <summary>Whether these are the results of that job, and somebody may have them.</summary>
    Task<bool> OwnsAsync(Principal asker, JobId job, LineageId output);
}
