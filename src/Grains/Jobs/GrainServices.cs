using Microsoft.Extensions.DependencyInjection;

namespace MicroSpark.Jobs;

/// <summary>What the grains of one silo need beside the engine.</summary>
internal static class GrainServices
{
    public static IServiceCollection AddMicroSparkGrains(this IServiceCollection services) => services;
}
