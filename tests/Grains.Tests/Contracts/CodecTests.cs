using System.Reflection;
using MicroSpark.Grains.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;

namespace MicroSpark.Tests.Contracts;

/// <summary>
/// Silos of one process hand messages over by reference where a call stays on its silo: that a member of one has no codec was seen when the first
/// message left its silo, as a worker that does not answer.
/// </summary>
public sealed class CodecTests
{
    public static TheoryData<Type> Messages => [.. typeof(IJobGrain).Assembly.GetTypes()
        .Where(static type => type.GetCustomAttribute<GenerateSerializerAttribute>(inherit: false) is not null && !type.IsAbstract)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_can_leave_its_silo(Type message)
    {
        var codecs = new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<ICodecProvider>();
        Assert.NotNull(codecs.GetCodec(message));
        foreach (var member in message.GetMembers(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(static m => m.GetCustomAttribute<IdAttribute>() is not null))
        {
            Assert.NotNull(codecs.GetCodec(member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType));
        }
    }
}
