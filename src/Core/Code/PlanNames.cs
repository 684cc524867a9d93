using System.Reflection;
using MicroSpark.Model;

namespace MicroSpark.Code;

/// <summary>
/// What a plan may name where only approved code runs: what its own assemblies' code names, see <see cref="CodeNames"/>. The engine's
/// functions and the framework's data stand beside that, and are judged where they are known.
/// </summary>
/// <param name="assemblies">References first: a program is looked at before its packages.</param>
/// <param name="find">An assembly of the worker, and what its code names.</param>
internal sealed class PlanNames(AssemblyId[] assemblies, Func<AssemblyId, (Assembly? Assembly, CodeNames? Names)> find)
{
    /// <exception cref="UnauthorizedAccessException">No assembly of the plan makes a delegate of the method.</exception>
    public void RequireFunction(MethodInfo method)
    {
        foreach (var (assembly, names) in Code())
        {
            if (names.MakesDelegateOf(assembly, method))
            {
                return;
            }
        }

        throw ApprovedCode.Refused(
            $"The plan names the method {method.DeclaringType}.{method.Name} as a function, and no approved assembly of it makes a "
            + "delegate of that method in its code. Use a lambda or a method group; delegates made by reflection do not count");
    }

    /// <exception cref="UnauthorizedAccessException">No assembly of the plan mentions the type.</exception>
    public void RequireType(Type type)
    {
        if (!type.IsVisible || !Code().Any(one => one.Names.Mentions(type)))
        {
            throw ApprovedCode.Refused($"The plan names the type {type}, which no approved assembly of it mentions");
        }
    }

    private IEnumerable<(Assembly Assembly, CodeNames Names)> Code() =>
        Enumerable.Reverse(assemblies).Select(find).Where(static one => one is { Assembly: not null, Names: not null })
            .Select(static one => (one.Assembly!, one.Names!));
}
